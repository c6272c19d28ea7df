import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { access, copyFile, link, lstat, open, readlink, rename, rm, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { syncDirectory } from '../../files/write-atomic.ts';
import { systemCode, textOf } from '../../shared/errors.ts';
import type { InstallVerdict } from '../ports.ts';
import { shellWord } from './shell-word.ts';

/** Names in the directory of what is replaced, so that renames stay atomic. */
export interface Beside {
  readonly live: string;
  readonly fresh: string;
  readonly previous: string;
}

/** File systems take names of 255 bytes; ours are longer than the one that they stand beside. */
const longestName = 240;

export function beside(live: string): Beside {
  const name = basename(live);
  const short = Buffer.byteLength(name) <= longestName ? name : createHash('sha256').update(name).digest('hex');
  const at = (suffix: string): string => join(dirname(live), `.${short}.${suffix}`);
  return { live, fresh: at('new'), previous: at('previous') };
}

/** Puts `fresh` in the place of `live`, which stays as `previous`. Nobody ever finds nothing at `live`. */
export async function switchTo({ live, fresh, previous }: Beside): Promise<void> {
  await keepPrevious(live, previous);
  await syncDirectory(dirname(live));
  await rename(fresh, live);
  await syncDirectory(dirname(live));
}

/** Puts `previous` back. `false` when there is none. */
export async function switchBack({ live, previous }: Beside): Promise<boolean> {
  try {
    await rename(previous, live);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false;
    throw error;
  }
  await syncDirectory(dirname(live));
  return true;
}

export async function removeBeside({ fresh, previous }: Beside): Promise<void> {
  await Promise.all([fresh, previous].map((path) => rm(path, { recursive: true, force: true })));
}

/** A hard link costs nothing; file systems without links get a synced copy, and a link is written anew. */
async function keepPrevious(live: string, previous: string): Promise<void> {
  await rm(previous, { recursive: true, force: true });
  if ((await lstat(live)).isSymbolicLink()) {
    await symlink(await readlink(live), previous);
    return;
  }
  try {
    await link(live, previous);
  } catch (error) {
    if (!['EPERM', 'ENOTSUP', 'ENOSYS', 'EMLINK', 'EACCES', 'EOPNOTSUPP'].includes(systemCode(error) ?? ''))
      throw error;
    await copyFile(live, previous, constants.COPYFILE_FICLONE);
    const copy = await open(previous, 'r+');
    try {
      await copy.sync();
    } finally {
      await copy.close();
    }
  }
}

/** May this user replace the file at `path`? `what` names it, and `move` says where it would be better off. */
export async function canReplace(path: string, what: string, move: string): Promise<InstallVerdict> {
  const command = `mkdir -p ~/Applications && cp -a ${shellWord(move)} ~/Applications/`;
  const how = `Copy it to a folder of your own and start it there: ${command}`;
  try {
    const stats = await lstat(path);
    const user = process.getuid?.();
    if (user !== undefined && stats.uid !== user) return refuse(`${what} at ${path} belongs to another user.`, how);
    await access(dirname(path), constants.W_OK);
    return { ok: true };
  } catch (error) {
    const code = systemCode(error);
    if (code === 'EROFS') return refuse(`${what} at ${path} lies on a read-only disk.`, how);
    if (code === 'EACCES') return refuse(`You may not change the folder of ${path}.`, how);
    if (code === 'ENOENT') {
      return refuse(`${what} was moved or deleted: ${path} is not there any more.`, 'Quit the app and start it again.');
    }
    return refuse(`${path} can not be replaced: ${textOf(error)}.`, how);
  }
}

export function refuse(what: string, how: string): InstallVerdict {
  return { ok: false, state: 'needs-attention', what, how };
}
