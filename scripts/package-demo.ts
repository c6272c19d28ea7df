import { copyFile, mkdir, readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { create } from 'tar';

import type { ElectronDist } from './electron/electron-dist.ts';
import { applyShims } from './electron/shims.ts';
import { findAppShell, type AppShell } from './packaging/app-shell.ts';
import { writeAppImageTools } from './packaging/appimage-tools.ts';
import { run } from './packaging/run.ts';
import { together } from './packaging/together.ts';

const root = resolve(import.meta.dirname, '..');
const tsdown = join(root, 'node_modules/.bin/tsdown');
const electronBuilder = fileURLToPath(import.meta.resolve('electron-builder/cli.js'));

export interface PackageDemoOptions {
  readonly version: string;
  /** The directory for the release: the artifact, and `latest*.yml` if electron-builder writes one. */
  readonly out: string;
  /** The directory with the `root.json` and `update.json` to embed. */
  readonly update: string;
}

export interface PackagedDemo {
  readonly version: string;
  /** The directory to pass to `electron-tuf publish`. */
  readonly directory: string;
  readonly artifact: string;
  /** Bytes. */
  readonly length: number;
  /** The Electron that runs it. @defaultValue plain Node */
  readonly shell?: AppShell['kind'];
}

/** Builds releases of the demo app with electron-builder, offline. */
export interface DemoPackager {
  readonly shell: AppShell['kind'];
  /** The Electron in use, and its shims. */
  readonly electron?: ElectronDist | undefined;
  readonly format: 'appimage' | 'portable';
  /** What to install for a better build, if something is missing. */
  readonly hints: readonly string[];
  package(options: PackageDemoOptions): Promise<PackagedDemo>;
}

/**
 * Bundles the demo app and chooses what this machine can build: Electron's binary or else Node to run it,
 * squashfs-tools for AppImages or else a portable archive. `work` holds what the builds share.
 *
 * @param wanted makes portable archives although AppImages are possible
 */
export async function createDemoPackager(
  work: string,
  signal?: AbortSignal,
  wanted?: 'portable',
): Promise<DemoPackager> {
  const temporary = join(work, 'tmp');
  // electron-builder packs only files below the home directory, its own project and the directory for temporary files.
  const app = join(temporary, 'app');
  await Promise.all([app, temporary].map(async (path) => mkdir(path, { recursive: true })));
  /** Runs a tool of this project with the Node of this process, whatever `node` is on PATH. */
  const tool = async (
    program: string,
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): Promise<string> =>
    run(process.execPath, [program, ...args], {
      cwd: root,
      env: { ...env, TMPDIR: temporary },
      signal,
    });

  await copyFile(join(root, 'demo-app/package.json'), join(app, 'package.json'));
  const [shell, tools] = await together([
    findAppShell(join(work, 'shell')),
    wanted === 'portable' ? Promise.resolve(undefined) : writeAppImageTools(join(work, 'appimage-tools')),
    tool(tsdown, ['--config', 'demo-app/tsdown.config.ts', '--log-level', 'warn', '--out-dir', join(app, 'dist')]),
  ]);
  await applyShims(join(app, 'dist'), shell.electron?.shims ?? []);
  const format = tools === undefined ? 'portable' : 'appimage';
  return {
    shell: shell.kind,
    electron: shell.electron,
    format,
    hints: [
      ...(shell.missing === undefined ? [] : [`${shell.missing}    to package and run the demo with Electron`]),
      ...(format === 'portable' ? ['apt install squashfs-tools    to package the demo as AppImages'] : []),
    ],
    async package({ version, out, update }) {
      const args = [
        '--linux',
        format === 'appimage' ? 'AppImage' : 'dir',
        `--${process.arch}`,
        '--publish',
        'never',
        `-c.directories.app=${app}`,
        `-c.directories.output=${out}`,
        `-c.electronDist=${shell.dist}`,
        `-c.extraMetadata.version=${version}`,
        ...(shell.electron === undefined ? ['-c.asar=false'] : [`-c.electronVersion=${shell.electron.version}`]),
      ];
      await tool(electronBuilder, args, {
        NOTES_UPDATE: update,
        ...(tools === undefined ? {} : { APPIMAGE_TOOLS_PATH: tools }),
      });
      const artifact = format === 'appimage' ? await findArtifact(out) : await archive(out, version, signal);
      return { version, directory: out, artifact, length: (await stat(artifact)).size, shell: shell.kind };
    },
  };
}

async function findArtifact(directory: string): Promise<string> {
  const name = (await readdir(directory)).find((file) => file.endsWith('.AppImage'));
  if (name === undefined) throw new Error(`electron-builder wrote no AppImage to ${directory}.`);
  return join(directory, name);
}

async function archive(directory: string, version: string, signal: AbortSignal | undefined): Promise<string> {
  const artifact = join(directory, `Notes-${version}-linux-${process.arch}.tar`);
  const unpacked = (await readdir(directory)).find((name) => name.endsWith('-unpacked'));
  if (unpacked === undefined) throw new Error(`electron-builder wrote no unpacked app to ${directory}.`);
  signal?.throwIfAborted();
  await create({ file: artifact, cwd: join(directory, unpacked), portable: true }, ['.']);
  return artifact;
}
