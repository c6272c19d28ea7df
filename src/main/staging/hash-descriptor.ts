import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';

import type { TargetHashes } from '../../shared/trusted-target.ts';

const blockBytes = 1024 * 1024;

/** The hash that is checked: SHA-256 where it is listed, as it is the faster one on today's machines. */
export function checkedHash(hashes: TargetHashes): { readonly name: 'sha256' | 'sha512'; readonly hex: string } {
  if (hashes.sha256 !== undefined) return { name: 'sha256', hex: hashes.sha256 };
  return { name: 'sha512', hex: hashes.sha512 ?? '' };
}

/** Reads a file once through its descriptor, from the start; hashes each block and hands it on. */
export async function readHashed(
  file: FileHandle,
  hashName: string,
  onBlock?: (block: Uint8Array, at: number) => Promise<void>,
): Promise<{ readonly length: number; readonly hex: string }> {
  const hash = createHash(hashName);
  const block = Buffer.allocUnsafe(blockBytes);
  let at = 0;
  for (;;) {
    const { bytesRead } = await file.read(block, 0, block.length, at);
    if (bytesRead === 0) return { length: at, hex: hash.digest('hex') };
    const bytes = block.subarray(0, bytesRead);
    hash.update(bytes);
    await onBlock?.(bytes, at);
    at += bytesRead;
  }
}
