import { chmod, lstat, mkdir, readdir } from 'node:fs/promises';

import { systemCode, UpdateError } from '../../shared/errors.ts';

/**
 * Creates a directory that only this user can access. If other users can access an existing directory, its mode is
 * changed. The files in it are verified when they are used.
 * @throws UpdateError `STAGE_DISK` if the path is not a directory or belongs to another user
 */
export async function makePrivate(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    if (systemCode(error) !== 'EEXIST') throw error;
  });
  const stats = await lstat(path);
  if (!isOurs(stats)) {
    throw new UpdateError('STAGE_DISK', `${path} does not belong to this user. Remove it and check for updates again.`);
  }
  if ((stats.mode & 0o077) !== 0) await chmod(path, 0o700);
}

/** Lists a directory of this user. Returns no names if there is no such directory. Never follows a link. */
export async function namesIn(path: string): Promise<readonly string[]> {
  try {
    return isOurs(await lstat(path)) ? await readdir(path) : [];
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  }
}

function isOurs(stats: { readonly uid: number; isDirectory(): boolean }): boolean {
  return stats.isDirectory() && (process.getuid === undefined || stats.uid === process.getuid());
}
