import { constants } from 'node:fs';
import { chmod, copyFile, cp, link, mkdir, readdir, rename, symlink, readlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { openWay } from './app-user.ts';
import type { ElectronDist } from './electron-dist.ts';
import { applyShims } from './shims.ts';

export interface AppLayout {
  readonly electron: ElectronDist;
  /** Where the packaged app goes. */
  readonly directory: string;
  /** The name of its executable. */
  readonly program: string;
  readonly description: { readonly name: string; readonly version: string; readonly main: string } & Readonly<
    Record<string, unknown>
  >;
  /** A directory with what goes beside `package.json`; `as` is its name there. @defaultValue nothing, `dist` */
  readonly files: string;
  readonly as?: string;
  /** The directory with `root.json` and `update.json` to embed. @defaultValue none */
  readonly update?: string;
}

/**
 * A packaged app in a moment, without electron-builder: Electron's files and `resources/app`. Returns its executable, whose
 * name makes `app.isPackaged` true. It has no asar archive, and Electron's fuses as they come.
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

/** Never over a file that is there: it could be a link to the very source. */
const copying = constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL;

/** Hard links cost nothing; where there are none between the two places, copies. */
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
