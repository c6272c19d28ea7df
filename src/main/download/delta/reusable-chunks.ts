import type { ChunkIndex } from '../../../shared/chunks/chunk-index.ts';
import { crc32 } from 'node:zlib';

import { chunkDigest } from '../../../shared/chunks/digest.ts';
import { addRange, totalBytes, type ByteRanges, gaps } from '../byte-ranges.ts';
import { maxBlockBytes, type PartBlock, type PartSource } from '../part/part-journal.ts';
import type { PartFile } from '../part/part-file.ts';
import { locateChunks } from './chunk-layout.ts';

/** The source that the journal names for chunks from a pack. */
export const chunkSource: PartSource = { url: 'local:chunks' };

/** Whether any bytes of a part were assembled on this machine instead of downloaded as they are. */
export function hasLocalBytes(part: PartFile): boolean {
  const journalled = part.blocks.reduce<ByteRanges>(addRange, []);
  const fromPack = part.blocks.some((block) => part.sources[block.source]?.url === chunkSource.url);
  return fromPack || part.received > totalBytes(journalled);
}

/**
 * Keeps the valid chunks of a part and discards everything else that an interrupted download, an old patch or a changed
 * base left there. Resolves with the offsets of the kept chunks.
 */
export async function retainValidChunks(
  part: PartFile,
  index: ChunkIndex,
  signal: AbortSignal,
): Promise<ReadonlySet<number>> {
  const valid = new Set<number>();
  if (part.blocks.length === 0) return valid;
  const blocks: PartBlock[] = [];
  for (const { chunk, rawAt } of locateChunks(index)) {
    signal.throwIfAborted();
    const range = { start: rawAt, end: rawAt + chunk.rawLength };
    if (gaps(part.ranges, range).length > 0) continue;
    const bytes = await part.read(range);
    if (chunkDigest(bytes) !== chunk.rawDigest) continue;
    valid.add(rawAt);
    for (let at = 0; at < bytes.length; at += maxBlockBytes) {
      const slice = bytes.subarray(at, at + maxBlockBytes);
      blocks.push({ start: rawAt + at, end: rawAt + at + slice.length, crc32: crc32(slice), source: 0 });
    }
  }
  await part.replaceJournal({ sources: [chunkSource], blocks });
  part.hash.reset();
  return valid;
}
