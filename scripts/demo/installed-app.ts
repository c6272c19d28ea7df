import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, copyFile, mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

import { run } from '../packaging/run.ts';
import type { PackagedDemo } from '../package-demo.ts';

/** An installation of the demo app in a home directory of its own. */
export interface InstalledApp {
  readonly home: string;
  /** What is started: the AppImage, or the launcher of a portable directory. */
  readonly executable: string;
  /** Starts the app detached, with everything it may write inside its home. Its output goes to `app.log` there. */
  start(args: readonly string[]): Promise<void>;
  /** Runs the app to its end. */
  run(args: readonly string[]): Promise<FinishedRun>;
}

export interface FinishedRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Does what a person does: puts the app somewhere into the home directory. */
export async function installDemo(build: PackagedDemo, home: string): Promise<InstalledApp> {
  const applications = join(home, 'Applications');
  await Promise.all([applications, join(home, 'tmp')].map(async (path) => mkdir(path, { recursive: true })));
  const executable = await place(build, applications);
  return {
    home,
    executable,
    async run(args) {
      const child = spawn(executable, args, {
        cwd: home,
        env: homeEnvironment(home),
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const [stdout, stderr, [code]] = await Promise.all([
        text(child.stdout),
        text(child.stderr),
        once(child, 'close'),
      ]);
      return { code: code as number | null, stdout, stderr };
    },
    async start(args) {
      const log = await open(join(home, 'app.log'), 'a');
      try {
        const child = spawn(executable, args, {
          cwd: home,
          env: homeEnvironment(home),
          stdio: ['ignore', log.fd, log.fd],
          detached: true,
        });
        await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject));
        child.unref();
      } finally {
        await log.close();
      }
    },
  };
}

async function place({ artifact }: PackagedDemo, applications: string): Promise<string> {
  if (artifact.endsWith('.AppImage')) {
    const executable = join(applications, 'Notes.AppImage');
    await copyFile(artifact, executable);
    await chmod(executable, 0o755);
    return executable;
  }
  const directory = join(applications, 'notes');
  await mkdir(directory);
  await run('tar', ['-xzf', artifact, '-C', directory]);
  return join(directory, 'notes');
}

/** Nothing of the caller's AppImage, Electron or npm reaches the app; nothing of the app leaves the home. */
export function homeEnvironment(home: string): Record<string, string> {
  const kept = ['STAND_IN_SHOWN', 'PATH', 'LANG', 'LC_ALL', 'DISPLAY', 'WAYLAND_DISPLAY', 'XAUTHORITY'];
  const values = kept.map((name) => [name, process.env[name] ?? ''] as const);
  return {
    ...Object.fromEntries(values.filter(([, value]) => value !== '')),
    HOME: home,
    TMPDIR: join(home, 'tmp'),
    XDG_CONFIG_HOME: join(home, '.config'),
    XDG_STATE_HOME: join(home, '.local/state'),
    XDG_DATA_HOME: join(home, '.local/share'),
    XDG_CACHE_HOME: join(home, '.cache'),
  };
}
