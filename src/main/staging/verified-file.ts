import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';

import { readBlocks } from '../../files/hash-file.ts';
import { writeFully } from '../../files/read-write-fully.ts';
import { systemCode, textOf, UpdateError } from '../../shared/errors.ts';
import { checkedHash, type TrustedTarget } from '../../shared/trusted-target.ts';
import type { VerifiedFile } from '../ports.ts';

/** Links are not followed, and a pipe in place of the file does not block `open`. Windows has neither flag. */
const openFlags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/**
 * Opens a file without following a link, checks its length and hash through the descriptor, and returns a file that reads
 * from the same descriptor. Replacing the file at that path afterwards has no effect.
 * @throws UpdateError `STAGE_CHANGED` if the bytes are not the target's, `STAGE_DISK` if the file cannot be read
 */
export async function openVerified(path: string, target: TrustedTarget): Promise<VerifiedFile> {
  const file = await openRegular(path);
  try {
    await assertBytes(file, target);
  } catch (error) {
    await file.close();
    throw error;
  }
  return {
    target,
    copyTo: (to, mode = 0o600) => copyVerified(file, target, to, mode),
    blocks: () => verifiedBlocks(file, target),
    close: () => file.close(),
  };
}

async function openRegular(path: string): Promise<FileHandle> {
  const file = await open(path, openFlags).catch((error: unknown) => {
    const gone = ['ENOENT', 'ELOOP', 'EMLINK'].includes(systemCode(error) ?? '');
    if (gone) throw changed(error);
    throw new UpdateError('STAGE_DISK', `The staged update cannot be read: ${textOf(error)}.`, { cause: error });
  });
  if ((await file.stat()).isFile()) return file;
  await file.close();
  throw changed();
}

async function assertBytes(file: FileHandle, target: TrustedTarget): Promise<void> {
  // A file of another length need not be read.
  if ((await file.stat()).size !== target.length) throw changed();
  for await (const _block of verifiedBlocks(file, target));
}

/** Hashes while it reads. Throws at the end if the bytes it yielded are not the signed ones. */
async function* verifiedBlocks(file: FileHandle, target: TrustedTarget): AsyncGenerator<Uint8Array> {
  const { name, hex } = checkedHash(target.hashes);
  const hash = createHash(name);
  let length = 0;
  for await (const block of readBlocks(file)) {
    hash.update(block);
    length += block.length;
    if (length > target.length) throw changed();
    yield block;
  }
  if (length !== target.length || hash.digest('hex') !== hex) throw changed();
}

/** If the copy fails, the new file is removed. */
async function copyVerified(file: FileHandle, target: TrustedTarget, to: string, mode: number): Promise<void> {
  const copy = await open(to, 'wx', mode);
  try {
    let at = 0;
    for await (const block of verifiedBlocks(file, target)) {
      await writeFully(copy, [block], at);
      at += block.length;
    }
    // The umask may have taken bits from the mode.
    await copy.chmod(mode);
    await copy.sync();
  } catch (error) {
    await copy.close();
    await rm(to, { force: true });
    throw error;
  }
  await copy.close();
}

function changed(cause?: unknown): UpdateError {
  const words = 'The staged update is not the file that was verified. It is discarded. Check for updates again.';
  return new UpdateError('STAGE_CHANGED', words, { cause });
}
