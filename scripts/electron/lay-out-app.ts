import { constants } from 'node:fs';
import { chmod, copyFile, cp, link, mkdir, readdir, rename, symlink, readlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { openWay } from './app-user.ts';
import type { ElectronDist } from './electron-dist.ts';
import { applyShims } from './shims.ts';

export interface AppLayout {
  readonly electron: ElectronDist;
  /** The directory for the packaged app. */
  readonly directory: string;
  /** The name of its executable. */
  readonly program: string;
  readonly description: { readonly name: string; readonly version: string; readonly main: string } & Readonly<
    Record<string, unknown>
  >;
  /** A directory to copy next to `package.json`. `as` is its name there. @defaultValue nothing, `dist` */
  readonly files: string;
  readonly as?: string;
  /** The directory with `root.json` and `update.json` to embed. @defaultValue none */
  readonly update?: string;
}

/**
 * Creates a packaged app quickly, without electron-builder: Electron's files and `resources/app`. Returns its
 * executable, whose name makes `app.isPackaged` true. The app has no asar archive and Electron's default fuses.
 */
export async function layOutApp(layout: AppLayout): Promise<string> {
  const { electron, directory, program, description, files, as = 'dist', update } = layout;
  const executable = join(directory, program);
  const app = join(directory, 'resources/app');
  await linkTree(electron.directory, directory);
  await rename(join(directory, 'electron'), executable);
  await mkdir(app, { recursive: true });
  await cp(files, join(app, as), { recursive: true });
  await applyShims(join(app, as), electron.shims);
  await writeFile(join(app, 'package.json'), JSON.stringify(description));
  if (update !== undefined) await cp(update, join(directory, 'resources/update'), { recursive: true });
  await openWay(directory);
  return executable;
}

/** Never overwrites a file, which could be a link to the source. */
const copying = constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL;

/** Hard links take no space. Copies where hard links between the two directories are impossible. */
async function linkTree(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) await linkTree(source, target);
    else if (entry.isSymbolicLink()) await symlink(await readlink(source), target);
    else await link(source, target).catch(async () => copyFile(source, target, copying));
  }
  await chmod(to, 0o755);
}
