import { createHash } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { copyFile, link, lstat, open, readlink, rename, rm, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { syncDirectory } from '../../../files/write-atomic.ts';
import { systemCode } from '../../../shared/errors.ts';

/** Paths in the same directory, so that renames are atomic. */
export interface SwapPaths {
  readonly live: string;
  readonly staged: string;
  readonly previous: string;
}

/** In bytes. File systems allow 255, and the swap names add a suffix. */
const longestName = 240;

export function swapPaths(live: string): SwapPaths {
  const name = basename(live);
  const short = Buffer.byteLength(name) <= longestName ? name : createHash('sha256').update(name).digest('hex');
  const at = (suffix: string): string => join(dirname(live), `.${short}.${suffix}`);
  return { live, staged: at('new'), previous: at('previous') };
}

/** Replaces `live` with `staged` and keeps the old file as `previous`. There is a working app at `live` at any moment. */
export async function swapIn({ live, staged, previous }: SwapPaths): Promise<void> {
  await keepPrevious(live, previous);
  await syncDirectory(dirname(live));
  await rename(staged, live);
  await syncDirectory(dirname(live));
}

/** Restores `previous`. Resolves `false` if it does not exist or belongs to another user. */
export async function swapBack({ live, previous }: SwapPaths): Promise<boolean> {
  const facts = await factsOf(previous);
  if (facts === undefined || !isOwn(facts)) return false;
  await rename(previous, live);
  await syncDirectory(dirname(live));
  return true;
}

export async function removeSwapFiles({ staged, previous }: SwapPaths): Promise<void> {
  await Promise.all([staged, previous].map(async (path) => clear(path)));
}

/**
 * Removes a file, link or directory. Never descends into another user's directory, because its owner could replace a
 * part with a link during the removal.
 */
export async function clear(path: string): Promise<void> {
  const facts = await factsOf(path);
  const recursive = facts?.isDirectory() === true && isOwn(facts);
  await rm(path, { recursive, force: true });
}

/** In a shared folder, another user may have created a file with this name. */
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

/** Creates a hard link, or a synced copy if the file system has none. A symbolic link is created again. */
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
    // Fails if another user has created the file in the meantime.
    await copyFile(live, previous, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
    const copy = await open(previous, 'r+');
    try {
      await copy.sync();
    } finally {
      await copy.close();
    }
  }
}
