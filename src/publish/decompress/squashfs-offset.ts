import type { FileHandle } from 'node:fs/promises';

const magic = 'hsqs';
/** Squashfs 4.0: the superblock's length and the offsets of its fields, in bytes. */
const superblockBytes = 96;
const compressionAt = 20;
const majorAt = 28;
const bytesUsedAt = 40;
/** Bytes to search. Runtimes have a few hundred kilobytes. */
const searchBytes = 8 * 1024 * 1024;

/** The position of the squashfs image in an AppImage, in bytes. */
export interface SquashfsImage {
  readonly offset: number;
  readonly length: number;
}

/**
 * Finds the squashfs image behind the runtime of an AppImage (AppImage specification, type 2): the first version 4
 * superblock whose image fits into the file. `undefined` if there is none.
 */
export async function findSquashfs(file: FileHandle): Promise<SquashfsImage | undefined> {
  const { size } = await file.stat();
  const head = Buffer.alloc(Math.min(size, searchBytes + superblockBytes));
  await file.read(head, 0, head.length, 0);
  for (let at = head.indexOf(magic); at >= 0; at = head.indexOf(magic, at + 1)) {
    const length = imageLength(head.subarray(at, at + superblockBytes));
    if (length !== undefined && at + length <= size) return { offset: at, length };
  }
  return undefined;
}

function imageLength(superblock: Buffer): number | undefined {
  if (superblock.length < superblockBytes) return undefined;
  const compression = superblock.readUInt16LE(compressionAt);
  if (superblock.readUInt16LE(majorAt) !== 4 || compression < 1 || compression > 6) return undefined;
  const length = superblock.readBigUInt64LE(bytesUsedAt);
  return length >= superblockBytes && length <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(length) : undefined;
}
