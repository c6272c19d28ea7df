import { systemCode, textOf, UpdateError } from '../../shared/errors.ts';

/** Errors of the disk in the words of installing. @throws UpdateError `INSTALL_DISK_FULL`, `INSTALL_READ_ONLY`, `INSTALL_FAILED` */
export async function onDisk<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UpdateError) throw error;
    const code = systemCode(error) ?? '';
    if (['ENOSPC', 'EDQUOT'].includes(code) || isSqliteFull(error)) {
      throw new UpdateError(
        'INSTALL_DISK_FULL',
        'There is not enough disk space to install the update. Free some and try again.',
        { cause: error },
      );
    }
    if (['EROFS', 'EACCES', 'EPERM'].includes(code)) {
      throw new UpdateError(
        'INSTALL_READ_ONLY',
        'The app can not be replaced where it is. Move it to a folder of your own.',
        { cause: error },
      );
    }
    throw new UpdateError(
      'INSTALL_FAILED',
      `The update could not be installed: ${textOf(error)}. The installed app is unchanged.`,
      { cause: error },
    );
  }
}

/** SQLite's result code for a disk without room: the lock's file needs a page on some file systems. */
const sqliteFull = 13;

function isSqliteFull(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'errcode' in error && error.errcode === sqliteFull;
}
