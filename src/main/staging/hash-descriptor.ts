import type { FileHandle } from 'node:fs/promises';

import type { TargetHashes } from '../../shared/trusted-target.ts';

const blockBytes = 1024 * 1024;

/** The hash that is checked: SHA-256 where it is listed, as it is the faster one on today's machines. */
export function checkedHash(hashes: TargetHashes): { readonly name: 'sha256' | 'sha512'; readonly hex: string } {
  if (hashes.sha256 !== undefined) return { name: 'sha256', hex: hashes.sha256 };
  return { name: 'sha512', hex: hashes.sha512 ?? '' };
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
