import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

import { type ElectronDist, findElectron, howToInstallElectron } from '../electron/electron-dist.ts';
import { layOutApp } from '../electron/lay-out-app.ts';
import { run } from '../packaging/run.ts';
import type { PackagedDemo } from '../package-demo.ts';

const root = resolve(import.meta.dirname, '../..');

export interface LightBuildOptions {
  readonly version: string;
  /** Bytes of the installer. @defaultValue 4 MB */
  readonly size?: number;
  /** Whether this release exits at once with an error whenever it starts. @defaultValue false */
  readonly broken?: boolean;
}

/** Builds releases of Notes with windows quickly, so that many can be published while the user watches. */
export interface LightBuilder {
  /** The Electron that shows the windows. */
  readonly electron: ElectronDist;
  build(options: LightBuildOptions): Promise<PackagedDemo>;
}

/**
 * The installer is a script instead of an AppImage, padded with random bytes. It starts, from a directory, what an
 * AppImage would mount. For the updater it is equivalent: a file that is replaced as a whole.
 *
 * @param work the directory for everything that is written
 * @param update the directory with `root.json` and `update.json` to embed
 */
export async function createLightBuilder(work: string, update: string): Promise<LightBuilder> {
  const electron = await findElectron();
  if (electron === undefined) throw new Error(`Notes with windows needs Electron: ${howToInstallElectron}`);
  const bundle = join(work, 'bundle');
  const tsdown = ['--config', 'demo-app/tsdown.config.ts', '--log-level', 'warn', '--out-dir', bundle];
  await run(process.execPath, [join(root, 'node_modules/.bin/tsdown'), ...tsdown], { cwd: root });

  const laidOut = new Map<string, Promise<string>>();
  /** Writes the content of an AppImage. Returns the executable. */
  async function layOut(version: string, broken: boolean): Promise<string> {
    const description = JSON.parse(await readFile(join(root, 'demo-app/package.json'), 'utf8')) as Description;
    const executable = await layOutApp({
      electron: electron as ElectronDist,
      directory: join(work, 'apps', version),
      program: 'notes',
      description: { ...description, version },
      files: bundle,
      update,
    });
    if (!broken) return executable;
    // A separate file, because Electron's is a link.
    await rm(executable);
    await writeProgram(executable, '#!/bin/sh\necho "Notes cannot start." >&2\nexit 3\n');
    return executable;
  }

  return {
    electron,
    async build({ version, size = 4_000_000, broken = false }) {
      const laying = laidOut.get(version) ?? layOut(version, broken);
      laidOut.set(version, laying);
      const executable = await laying;
      const directory = join(work, 'releases', version);
      const artifact = join(directory, `Notes-${version}-linux-${process.arch}.AppImage`);
      await mkdir(directory, { recursive: true });
      const script = Buffer.from(launcher(version, executable));
      await writeFile(artifact, Buffer.concat([script, randomBytes(size - script.length)]));
      await chmod(artifact, 0o755);
      return { version, directory, artifact, length: (await stat(artifact)).size, shell: 'electron' };
    },
  };
}

function launcher(version: string, executable: string): string {
  return `#!/bin/sh
# In the place of an AppImage of Notes ${version}.
APPIMAGE=$(readlink -f "$0")
export APPIMAGE APPDIR='${dirname(executable)}' ARGV0="$0" OWD="$PWD"
exec "$APPDIR/${basename(executable)}" "$@"
`;
}

interface Description extends Readonly<Record<string, unknown>> {
  readonly name: string;
  readonly version: string;
  readonly main: string;
}

async function writeProgram(path: string, script: string): Promise<void> {
  await writeFile(path, script);
  await chmod(path, 0o755);
}
