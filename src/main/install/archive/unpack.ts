import { mkdir } from 'node:fs/promises';

import { systemCode, textOf, UpdateError } from '../../../shared/errors.ts';
import type { VerifiedFile } from '../../ports.ts';
import { unpackTar } from './tar.ts';
import { byteLimit, createArchiveWriter } from './writer.ts';
import { unpackZip } from './zip.ts';

/**
 * Unpacks a verified `.tar.gz` or `.zip` into a new directory and syncs it. Hashes the bytes again while it reads: do
 * not use the directory unless this resolves. After an error, the directory may hold some of the files.
 * @throws UpdateError `INSTALL_FAILED` if the file is not an archive or contains a refused entry; `STAGE_CHANGED`
 */
export async function unpack(file: VerifiedFile, to: string): Promise<void> {
  await mkdir(to, 0o755);
  const { path, length } = file.target;
  const writer = createArchiveWriter(to, byteLimit(length));
  try {
    if (path.toLowerCase().endsWith('.zip')) await unpackZip(file, `${to}.zip`, writer);
    else await unpackTar(file, writer);
  } catch (error) {
    if (error instanceof UpdateError || isOfDisk(error)) throw error;
    throw new UpdateError('INSTALL_FAILED', `The archive cannot be unpacked: ${textOf(error)}. Nothing was changed.`, {
      cause: error,
    });
  }
  await writer.finish();
}

/** True for errors of the file system. The archive libraries have other codes. */
function isOfDisk(error: unknown): boolean {
  const code = systemCode(error) ?? '';
  return ['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EPERM', 'EIO', 'EMFILE', 'ENFILE', 'EFBIG'].includes(code);
}
