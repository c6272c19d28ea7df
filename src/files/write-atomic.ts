import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

export interface WriteAtomicOptions {
  /** @defaultValue 0o600 */
  readonly mode?: number;
  /** Called between fsync and rename. If it throws, the old file stays. */
  readonly beforeRename?: () => void | Promise<void>;
}

/** The suffix of every temporary file of this product, so that left-over files can be found and removed. */
export const temporarySuffix = '.tmp';

/**
 * Replaces a file so that a crash at any moment leaves either the old or the new bytes: temporary file in the same
 * directory, fsync, rename, fsync of the directory. On an error the temporary file is removed.
 */
export async function writeAtomic(
  path: string,
  data: string | Uint8Array,
  options: WriteAtomicOptions = {},
): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}${temporarySuffix}`);
  try {
    const file = await open(temporary, 'wx', options.mode ?? 0o600);
    try {
      await file.writeFile(data);
      await file.sync();
    } finally {
      await file.close();
    }
    await options.beforeRename?.();
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncDirectory(dirname(path));
}

/** Makes renames and new names in a directory durable. Windows has no such call and does not need one. */
export async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
