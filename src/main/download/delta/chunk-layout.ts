import type { Chunk, ChunkIndex } from '../../../shared/chunks/chunk-index.ts';
import { type ByteRanges, gaps } from '../byte-ranges.ts';
import type { LocalChunks } from './local-chunks.ts';

/** The cost of one request, in bytes: what a household line of 20 Mbit/s transfers during one round trip of 40 ms. */
export const requestBytes = 100_000;

/** A chunk with its byte offsets in the artifact and in the pack. */
export interface ChunkLocation {
  readonly chunk: Chunk;
  readonly rawAt: number;
  readonly frameAt: number;
}

/**
 * A range of the pack that one request fetches. It may include unneeded frames where that is cheaper than a second
 * request.
 */
export interface PackRange {
  readonly start: number;
  readonly end: number;
  /** The needed chunks in this range, in order. */
  readonly chunks: readonly ChunkLocation[];
}

/** How to assemble an artifact from local chunks and ranges of its pack. */
export interface ChunkLayout {
  /** Chunks to copy from seeds. */
  readonly local: readonly ChunkLocation[];
  readonly ranges: readonly PackRange[];
  /** Every missing offset of each chunk to fetch, by chunk digest. */
  readonly places: ReadonlyMap<string, readonly number[]>;
  /** Bytes to transfer for all ranges. */
  readonly transferBytes: number;
}

/** The offset of each chunk is the sum of the lengths before it. */
export function locateChunks(index: ChunkIndex): readonly ChunkLocation[] {
  let rawAt = 0;
  let frameAt = 0;
  return index.chunks.map((chunk) => {
    const placed = { chunk, rawAt, frameAt };
    rawAt += chunk.rawLength;
    frameAt += chunk.frameLength;
    return placed;
  });
}

/** The chunks that `have` covers completely, by their offset in the artifact. */
export function chunksPresent(index: ChunkIndex, have: ByteRanges): ReadonlySet<number> {
  if (have.length === 0) return new Set();
  const covered = locateChunks(index).filter(
    ({ rawAt, chunk }) => gaps(have, { start: rawAt, end: rawAt + chunk.rawLength }).length === 0,
  );
  return new Set(covered.map(({ rawAt }) => rawAt));
}

/**
 * Decides which of the missing chunks to copy and which to fetch. Adjacent frames share a request. A gap of unneeded
 * frames is fetched along with them if it is at most `gapBytes` long. A chunk that occurs twice is fetched once.
 */
export function planChunks(
  index: ChunkIndex,
  seeds: LocalChunks,
  have: ReadonlySet<number> = new Set(),
  gapBytes: number = requestBytes,
): ChunkLayout {
  const places = new Map<string, number[]>();
  const local: ChunkLocation[] = [];
  const missing: ChunkLocation[] = [];
  for (const location of locateChunks(index)) {
    const { rawDigest } = location.chunk;
    if (have.has(location.rawAt)) continue;
    const sameChunk = places.get(rawDigest);
    if (seeds.has(rawDigest)) {
      local.push(location);
    } else if (sameChunk !== undefined) {
      sameChunk.push(location.rawAt);
    } else {
      places.set(rawDigest, [location.rawAt]);
      missing.push(location);
    }
  }
  const ranges = mergeRanges(missing, gapBytes);
  return { local, ranges, places, transferBytes: ranges.reduce((sum, range) => sum + range.end - range.start, 0) };
}

function mergeRanges(missing: readonly ChunkLocation[], gapBytes: number): readonly PackRange[] {
  const ranges: { start: number; end: number; chunks: ChunkLocation[] }[] = [];
  for (const location of missing) {
    const last = ranges.at(-1);
    const end = location.frameAt + location.chunk.frameLength;
    if (last !== undefined && location.frameAt - last.end <= gapBytes) {
      last.end = end;
      last.chunks.push(location);
    } else {
      ranges.push({ start: location.frameAt, end, chunks: [location] });
    }
  }
  return ranges;
}
