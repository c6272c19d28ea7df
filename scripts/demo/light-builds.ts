import { randomBytes } from 'node:crypto';
import { chmod, cp, mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

import { findAppShell } from '../packaging/app-shell.ts';
import { run } from '../packaging/run.ts';
import type { PackagedDemo } from '../package-demo.ts';

const root = resolve(import.meta.dirname, '../..');
const standIn = join(root, 'test/stand-in/electron.sh');

export interface LightBuildOptions {
  readonly version: string;
  /** Bytes of the installer. @defaultValue 4 MB */
  readonly size?: number;
  /** This one ends at once, with an error, whenever it is started. @defaultValue false */
  readonly broken?: boolean;
}

/** Builds releases of Notes with windows, in a moment: many of them can be published while one watches. */
export interface LightBuilder {
  /** What shows the windows: Electron, or its stand-in with a Chromium of this machine. */
  readonly shell: 'electron' | 'stand-in';
  build(options: LightBuildOptions): Promise<PackagedDemo>;
}

/**
 * The installer is a script in the place of an AppImage, filled up with random bytes: it starts what an AppImage would
 * mount, from a directory. For the updater it is as good as one: a file that is replaced as a whole.
 *
 * @param work where everything is written
 * @param update the directory with `root.json` and `update.json` to embed
 */
export async function createLightBuilder(work: string, update: string): Promise<LightBuilder> {
  const bundle = join(work, 'bundle');
  const tsdown = ['--config', 'demo-app/tsdown.config.ts', '--log-level', 'warn', '--out-dir', bundle];
  const [shell] = await Promise.all([
    findAppShell(join(work, 'node-shell')),
    run(process.execPath, [join(root, 'node_modules/.bin/tsdown'), ...tsdown], { cwd: root }),
  ]);

  /** What an AppImage would hold. Returns the executable. */
  async function layOut(version: string, broken: boolean): Promise<string> {
    const directory = join(work, 'apps', version);
    const executable = join(directory, 'notes');
    const app = join(directory, 'resources/app');
    if (shell.kind === 'electron') {
      await cp(shell.dist, directory, { recursive: true, verbatimSymlinks: true });
      await rename(join(directory, 'electron'), executable);
    }
    await mkdir(app, { recursive: true });
    await cp(update, join(directory, 'resources/update'), { recursive: true });
    await cp(bundle, join(app, 'dist'), { recursive: true });
    const description = JSON.parse(await readFile(join(root, 'demo-app/package.json'), 'utf8')) as object;
    await writeFile(join(app, 'package.json'), JSON.stringify({ ...description, version }));
    if (broken) await writeProgram(executable, '#!/bin/sh\necho "Notes cannot start." >&2\nexit 3\n');
    else if (shell.kind !== 'electron') {
      await writeProgram(executable, `#!/bin/sh\nexec '${standIn}' "--stand-in-for=$0" "$@"\n`);
    }
    return executable;
  }

  return {
    shell: shell.kind === 'electron' ? 'electron' : 'stand-in',
    async build({ version, size = 4_000_000, broken = false }) {
      const executable = await layOut(version, broken);
      const directory = join(work, 'releases', version);
      const artifact = join(directory, `Notes-${version}-linux-${process.arch}.AppImage`);
      await mkdir(directory, { recursive: true });
      const script = Buffer.from(launcher(version, executable));
      await writeFile(artifact, Buffer.concat([script, randomBytes(size - script.length)]));
      await chmod(artifact, 0o755);
      return { version, directory, artifact, length: (await stat(artifact)).size };
    },
  };
}

function launcher(version: string, executable: string): string {
  return `#!/bin/sh
# Stands in the place of an AppImage of Notes ${version}.
APPIMAGE=$(readlink -f "$0")
export APPIMAGE APPDIR='${dirname(executable)}' ARGV0="$0" OWD="$PWD"
exec "$APPDIR/${basename(executable)}" "$@"
`;
}

async function writeProgram(path: string, script: string): Promise<void> {
  await writeFile(path, script);
  await chmod(path, 0o755);
}
