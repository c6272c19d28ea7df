import { randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';

import { syncDirectory, temporarySuffix } from '../../files/write-atomic.ts';
import { textOf, UpdateError } from '../../shared/errors.ts';
import type { DecompressJob } from './job.ts';

/**
 * Writes the tar inside a `.tar.gz`, byte for byte.
 * @throws UpdateError `PUBLISH_INPUT` if the file is not gzip
 */
export async function decompressTar({ from, to, signal }: DecompressJob): Promise<void> {
  const temporary = join(dirname(to), `.${basename(to)}.${randomBytes(6).toString('hex')}${temporarySuffix}`);
  try {
    const aborting = signal === undefined ? {} : { signal };
    await pipeline(
      createReadStream(from),
      createGunzip(),
      createWriteStream(temporary, { flags: 'wx', flush: true }),
      aborting,
    );
    await rename(temporary, to);
    await syncDirectory(dirname(to));
  } catch (error) {
    await rm(temporary, { force: true });
    signal?.throwIfAborted();
    throw new UpdateError('PUBLISH_INPUT', `${from} cannot be written without compression: ${textOf(error)}.`, {
      cause: error,
    });
  }
}
