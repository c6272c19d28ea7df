import type { ChunkIndex } from '../../../shared/chunks/chunk-index.ts';
import { crc32 } from 'node:zlib';

import { chunkDigest } from '../../../shared/chunks/digest.ts';
import { addRange, totalBytes, type ByteRanges, gaps } from '../byte-ranges.ts';
import { maxBlockBytes, type PartBlock, type PartSource } from '../part/part-journal.ts';
import type { PartFile } from '../part/part-file.ts';
import { locateChunks } from './chunk-layout.ts';

/** Where the journal says that chunks came from that a pack gave. */
export const chunkSource: PartSource = { url: 'local:chunks' };

/** Was any of a part put together on this machine rather than received as it is? */
export function hasLocalBytes(part: PartFile): boolean {
  const noted = part.blocks.reduce<ByteRanges>(addRange, []);
  const fromPack = part.blocks.some((block) => part.sources[block.source]?.url === chunkSource.url);
  return fromPack || part.received > totalBytes(noted);
}

/**
 * Keeps of a part the chunks that are right and forgets everything else: what an interrupted download, an old patch or a
 * changed base left there. Resolves with the offsets of those chunks.
 */
export async function retainValidChunks(
  part: PartFile,
  index: ChunkIndex,
  signal: AbortSignal,
): Promise<ReadonlySet<number>> {
  const right = new Set<number>();
  if (part.blocks.length === 0) return right;
  const blocks: PartBlock[] = [];
  for (const { chunk, rawAt } of locateChunks(index)) {
    signal.throwIfAborted();
    const extent = { start: rawAt, end: rawAt + chunk.rawLength };
    if (gaps(part.ranges, extent).length > 0) continue;
    const bytes = await part.read(extent);
    if (chunkDigest(bytes) !== chunk.rawDigest) continue;
    right.add(rawAt);
    for (let at = 0; at < bytes.length; at += maxBlockBytes) {
      const slice = bytes.subarray(at, at + maxBlockBytes);
      blocks.push({ start: rawAt + at, end: rawAt + at + slice.length, crc32: crc32(slice), source: 0 });
    }
  }
  await part.replaceJournal({ sources: [chunkSource], blocks });
  part.hash.reset();
  return right;
}
