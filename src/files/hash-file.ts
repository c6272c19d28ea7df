import { createHash, type Hash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';

import { plainFs } from './plain-fs.ts';

/** What a file's bytes are. */
export interface FileDigest {
  /** Bytes. */
  readonly length: number;
  /** Lower-case hex. */
  readonly sha256: string;
  /** Lower-case hex. */
  readonly sha512: string;
}

/** Bytes hashed between two turns of the event loop. */
const blockBytes = 512 * 1024;

/** SHA-256 of a file in lower-case hex. Uses one buffer and does not block the event loop for long. */
export async function hashFile(path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  await updateFrom(path, [hash], () => signal?.throwIfAborted());
  return hash.digest('hex');
}

/** Length and hashes of a file, in one pass. */
export async function digestFile(path: string, onBytes?: (count: number) => void): Promise<FileDigest> {
  const [sha256, sha512] = [createHash('sha256'), createHash('sha512')];
  let length = 0;
  await updateFrom(path, [sha256, sha512], (count) => {
    length += count;
    onBytes?.(count);
  });
  return { length, sha256: sha256.digest('hex'), sha512: sha512.digest('hex') };
}

export function digestBytes(bytes: Uint8Array): FileDigest {
  const hashOf = (algorithm: string): string => createHash(algorithm).update(bytes).digest('hex');
  return { length: bytes.length, sha256: hashOf('sha256'), sha512: hashOf('sha512') };
}

/** Reads a file once through its descriptor, from the start. A block is valid until the next one is asked for. */
export async function* readBlocks(file: FileHandle): AsyncGenerator<Uint8Array> {
  const block = Buffer.allocUnsafe(blockBytes);
  for (let at = 0; ;) {
    const { bytesRead } = await file.read(block, 0, block.length, at);
    if (bytesRead === 0) return;
    yield block.subarray(0, bytesRead);
    at += bytesRead;
  }
}

async function updateFrom(path: string, hashes: readonly Hash[], onBlock: (bytes: number) => void): Promise<void> {
  const file = await plainFs.open(path);
  try {
    for await (const block of readBlocks(file)) {
      onBlock(block.length);
      for (const hash of hashes) hash.update(block);
    }
  } finally {
    await file.close();
  }
}
