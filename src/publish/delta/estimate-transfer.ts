import type { ChunkIndex } from '../../shared/chunks/chunk-index.ts';
import { chunkDigest } from '../../shared/chunks/digest.ts';
import { readChunks } from '../../files/read-chunks.ts';

/** The number of the pack's bytes that an app transfers if `base` is its only seed. */
export async function estimateTransfer(index: ChunkIndex, base: string, signal?: AbortSignal): Promise<number> {
  const have = new Set<string>();
  for await (const bytes of readChunks(base, index.sizes, signal)) have.add(chunkDigest(bytes));
  let total = 0;
  for (const { rawDigest, frameLength } of index.chunks) {
    if (have.has(rawDigest)) continue;
    have.add(rawDigest);
    total += frameLength;
  }
  return total;
}
