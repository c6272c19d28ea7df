import { createHash } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { copyFile, link, lstat, open, readlink, rename, rm, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { syncDirectory } from '../../../files/write-atomic.ts';
import { systemCode } from '../../../shared/errors.ts';

/** Names in the directory of what is replaced, so that renames stay atomic. */
export interface SwapPaths {
  readonly live: string;
  readonly staged: string;
  readonly previous: string;
}

/** File systems take names of 255 bytes; ours are longer than the one that they stand beside. */
const longestName = 240;

export function swapPaths(live: string): SwapPaths {
  const name = basename(live);
  const short = Buffer.byteLength(name) <= longestName ? name : createHash('sha256').update(name).digest('hex');
  const at = (suffix: string): string => join(dirname(live), `.${short}.${suffix}`);
  return { live, staged: at('new'), previous: at('previous') };
}

/** Puts `fresh` in the place of `live`, which stays as `previous`. Nobody ever finds nothing at `live`. */
export async function swapIn({ live, staged: fresh, previous }: SwapPaths): Promise<void> {
  await keepPrevious(live, previous);
  await syncDirectory(dirname(live));
  await rename(fresh, live);
  await syncDirectory(dirname(live));
}

/** Puts `previous` back. `false` when there is none of this user's own. */
export async function swapBack({ live, previous }: SwapPaths): Promise<boolean> {
  const facts = await factsOf(previous);
  if (facts === undefined || !isOwn(facts)) return false;
  await rename(previous, live);
  await syncDirectory(dirname(live));
  return true;
}

export async function removeSwapFiles({ staged: fresh, previous }: SwapPaths): Promise<void> {
  await Promise.all([fresh, previous].map(async (path) => clear(path)));
}

/**
 * Removes whatever is under one of the names. Another user's directory is not walked through: its owner can put a link
 * into the place of what is being removed.
 */
export async function clear(path: string): Promise<void> {
  const facts = await factsOf(path);
  const recursive = facts?.isDirectory() === true && isOwn(facts);
  await rm(path, { recursive, force: true });
}

/** In a folder where others may write, one of them may have put a program under the name. */
function isOwn({ uid }: Stats): boolean {
  return process.getuid === undefined || uid === process.getuid();
}

async function factsOf(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** A hard link costs nothing; file systems without links get a synced copy, and a link is written anew. */
async function keepPrevious(live: string, previous: string): Promise<void> {
  await clear(previous);
  if ((await lstat(live)).isSymbolicLink()) {
    await symlink(await readlink(live), previous);
    return;
  }
  try {
    await link(live, previous);
  } catch (error) {
    if (!['EPERM', 'ENOTSUP', 'ENOSYS', 'EMLINK', 'EACCES', 'EOPNOTSUPP'].includes(systemCode(error) ?? ''))
      throw error;
    // Never over what another user may have put there meanwhile.
    await copyFile(live, previous, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
    const copy = await open(previous, 'r+');
    try {
      await copy.sync();
    } finally {
      await copy.close();
    }
  }
}
