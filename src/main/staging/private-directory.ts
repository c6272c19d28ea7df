import { chmod, lstat, mkdir, readdir } from 'node:fs/promises';

import { systemCode, UpdateError } from '../../shared/errors.ts';

/**
 * A directory that was there before may be open to others: it is closed, and what they left in it is verified at use.
 * @throws UpdateError `STAGE_DISK` when something that is not our directory stands in its place
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

/** The names in a directory of ours; none where there is no such directory. A link is never followed. */
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
