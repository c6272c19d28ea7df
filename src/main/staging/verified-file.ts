import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';

import { readBlocks } from '../../files/hash-file.ts';
import { writeFully } from '../../files/read-write-fully.ts';
import { systemCode, textOf, UpdateError } from '../../shared/errors.ts';
import { checkedHash, type TrustedTarget } from '../../shared/trusted-target.ts';
import type { VerifiedFile } from '../ports.ts';

/** No link is followed, and a planted pipe does not keep us waiting. Windows has neither flag. */
const openFlags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/**
 * Opens a file without following a link, checks length and hash through the descriptor, and gives that very descriptor
 * for use: a name that is swapped afterwards changes nothing.
 * @throws UpdateError `STAGE_CHANGED` when it is not the target's bytes, `STAGE_DISK` when it cannot be read
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
  // The length first: a file of another length needs no reading.
  if ((await file.stat()).size !== target.length) throw changed();
  for await (const _block of verifiedBlocks(file, target));
}

/** Hashes again on the way: fails at the end when the bytes that were given are not the bytes that were signed. */
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

/** A failed copy leaves nothing. */
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
  const words = 'The staged update is not the file that was verified. It is dropped; check for updates again.';
  return new UpdateError('STAGE_CHANGED', words, { cause });
}
