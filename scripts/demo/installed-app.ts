import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, copyFile, mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { extract } from 'tar';

import { appUser, giveToAppUser } from '../electron/app-user.ts';
import type { PackagedDemo } from '../package-demo.ts';
import { processesOf } from './processes.ts';

/** Milliseconds between two checks of the running processes. */
const lookMs = 100;

/** An installation of the demo app in its own home directory. */
export interface InstalledApp {
  readonly home: string;
  /** The program to start: the AppImage, or the launcher of a portable directory. */
  readonly executable: string;
  /** Starts the app detached. Everything that it may write is inside its home. Its output goes to `app.log` there. */
  start(args: readonly string[]): Promise<void>;
  /** Resolves once no process of this installation is left. Rejects when `signal` aborts. */
  gone(signal: AbortSignal): Promise<void>;
  /** The last output of the started app. */
  lastWords(): Promise<string>;
  /** Runs the app to its end, with these variables in addition to those of its home. */
  run(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<FinishedRun>;
}

interface FinishedRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Installs the app as a user would: puts it somewhere into the home directory. */
export async function installDemo(build: PackagedDemo, home: string): Promise<InstalledApp> {
  const applications = join(home, 'Applications');
  await Promise.all([applications, join(home, 'tmp')].map(async (path) => mkdir(path, { recursive: true })));
  const executable = await place(build, applications);
  const log = join(home, 'app.log');
  const user = build.shell === 'electron' ? appUser() : undefined;
  if (user !== undefined) await giveToAppUser(home, user);
  return {
    home,
    executable,
    async run(args, env = {}) {
      const child = spawn(executable, args, {
        cwd: home,
        env: { ...homeEnvironment(home), ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
        ...user,
      });
      const [stdout, stderr, [code]] = await Promise.all([
        text(child.stdout),
        text(child.stderr),
        once(child, 'close'),
      ]);
      return { code: code as number | null, stdout, stderr };
    },
    async gone(signal) {
      // An update hands over from one process to the next. A single check might fall in between.
      for (let empty = 0; empty < 2;) {
        await setTimeout(lookMs, undefined, { signal });
        empty = (await processesOf(home)).length === 0 ? empty + 1 : 0;
      }
    },
    async lastWords() {
      const words = await readFile(log, 'utf8').catch(() => '');
      return words.trimEnd().split('\n').slice(-10).join('\n');
    },
    async start(args) {
      const output = await open(log, 'a');
      try {
        const child = spawn(executable, args, {
          cwd: home,
          env: homeEnvironment(home),
          stdio: ['ignore', output.fd, output.fd],
          detached: true,
          ...user,
        });
        await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject));
        child.unref();
      } finally {
        await output.close();
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
  await extract({ file: artifact, cwd: directory });
  return join(directory, 'notes');
}

/**
 * No environment of the caller's AppImage, Electron or npm reaches the app, and the app writes nothing outside its
 * home.
 */
export function homeEnvironment(home: string): Record<string, string> {
  const kept = ['PATH', 'LANG', 'LC_ALL', 'DISPLAY', 'WAYLAND_DISPLAY', 'XAUTHORITY'];
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
