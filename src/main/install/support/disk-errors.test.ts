import { expect, it } from 'vitest';

import { UpdateError } from '../../../shared/errors.ts';
import { withDiskErrors } from './disk-errors.ts';

async function failureOf(code: string): Promise<unknown> {
  try {
    await withDiskErrors(async () => Promise.reject(Object.assign(new Error(code), { code })));
    return undefined;
  } catch (error) {
    return error instanceof UpdateError ? { code: error.code, retriable: error.retriable } : error;
  }
}

it.each(['EROFS', 'EACCES', 'EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP'])(
  'another attempt does not help where a file system answers %s',
  async (code) => {
    expect(await failureOf(code)).toEqual({ code: 'INSTALL_READ_ONLY', retriable: false });
  },
);

it('another attempt may help on a full or failing disk', async () => {
  expect({ full: await failureOf('ENOSPC'), quota: await failureOf('EDQUOT'), broken: await failureOf('EIO') }).toEqual(
    {
      full: { code: 'INSTALL_DISK_FULL', retriable: true },
      quota: { code: 'INSTALL_DISK_FULL', retriable: true },
      broken: { code: 'INSTALL_FAILED', retriable: true },
    },
  );
});

it('an error of the product stays as it is', async () => {
  const error = new UpdateError('INSTALL_VERIFY', 'Not signed.');
  await expect(withDiskErrors(async () => Promise.reject(error))).rejects.toBe(error);
});
