import { isDiskFull, systemCode, textOf, UpdateError } from '../../../shared/errors.ts';

/**
 * Errors of a place where no file can be replaced. AppImageLauncher's file system, for example, has no rename (ENOSYS).
 */
const unchangeable = ['EROFS', 'EACCES', 'EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP'];

/**
 * Turns errors of the file system into install errors.
 * @throws UpdateError `INSTALL_DISK_FULL`, `INSTALL_READ_ONLY`, `INSTALL_FAILED`
 */
export async function withDiskErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UpdateError) throw error;
    if (isDiskFull(error)) {
      throw new UpdateError(
        'INSTALL_DISK_FULL',
        'There is not enough disk space to install the update. Free some and try again.',
        { cause: error },
      );
    }
    if (unchangeable.includes(systemCode(error) ?? '')) {
      throw new UpdateError(
        'INSTALL_READ_ONLY',
        'The app cannot be replaced where it is. Move it to a folder of your own.',
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
