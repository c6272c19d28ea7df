import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';

import { systemCode, textOf, UpdateError } from '../../shared/errors.ts';

/** Space to leave free for everything else on the disk, in bytes. */
const reserve = 16 * 1024 * 1024;

/**
 * Checks, before the first byte is written, that the disk of `path` has space for `needed` more bytes.
 * @throws UpdateError `DOWNLOAD_DISK_FULL`, `DOWNLOAD_DISK`
 */
export async function assertSpace(path: string, needed: number): Promise<void> {
  const directory = dirname(path);
  const facts = await statfs(directory).catch((error: unknown) => {
    throw toDiskError(error, directory);
  });
  const free = facts.bavail * facts.bsize;
  // Some network file systems do not know their size and report zero blocks.
  if (facts.blocks === 0 || free >= needed + reserve) return;
  throw new UpdateError(
    'DOWNLOAD_DISK_FULL',
    `${directory} has ${megabytes(free)} free, and the download needs ${megabytes(needed + reserve)}. Free some space and try again.`,
    { details: { free, needed: needed + reserve } },
  );
}

/** Turns a file system error into an `UpdateError`. */
export function toDiskError(error: unknown, path: string): UpdateError {
  if (error instanceof UpdateError) return error;
  const code = systemCode(error);
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new UpdateError('DOWNLOAD_DISK_FULL', `The disk with ${path} is full. Free some space and try again.`, {
      cause: error,
    });
  }
  return new UpdateError(
    'DOWNLOAD_DISK',
    `${path} cannot be written (${textOf(error)}). Check that the folder exists and is writable.`,
    { cause: error },
  );
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1_000_000)} MB`;
}
