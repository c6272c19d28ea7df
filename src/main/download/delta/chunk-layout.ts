import type { Chunk, ChunkIndex } from '../../../shared/chunks/chunk-index.ts';
import { type ByteRanges, gaps } from '../byte-ranges.ts';
import type { LocalChunks } from './local-chunks.ts';

/**
 * What a request costs, in bytes: as many as a household line of 20 Mbit/s and 40 ms transfers in the time that one takes.
 */
export const requestBytes = 100_000;

/** A chunk with its places in the artifact and in the pack, in bytes. */
export interface ChunkLocation {
  readonly chunk: Chunk;
  readonly rawAt: number;
  readonly frameAt: number;
}

/** A stretch of the pack to fetch in one request. It may hold frames that are not needed, where that is cheaper. */
export interface PackRange {
  readonly start: number;
  readonly end: number;
  /** The chunks of it that are wanted, in order. */
  readonly chunks: readonly ChunkLocation[];
}

/** How an artifact is put together from local chunks and stretches of its pack. */
export interface ChunkLayout {
  /** To be copied from seeds. */
  readonly local: readonly ChunkLocation[];
  readonly ranges: readonly PackRange[];
  /** Every missing place of a chunk that is fetched, by its digest. */
  readonly places: ReadonlyMap<string, readonly number[]>;
  /** Bytes that the ranges transfer. */
  readonly transferBytes: number;
}

/** Offsets of every chunk: sums of the lengths before it. */
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

/** The chunks that lie wholly in what is there, by their offset in the artifact. */
export function chunksPresent(index: ChunkIndex, have: ByteRanges): ReadonlySet<number> {
  if (have.length === 0) return new Set();
  const covered = locateChunks(index).filter(
    ({ rawAt, chunk }) => gaps(have, { start: rawAt, end: rawAt + chunk.rawLength }).length === 0,
  );
  return new Set(covered.map(({ rawAt }) => rawAt));
}

/**
 * What is copied and what is fetched, of the chunks that are not there yet. Neighbouring frames share a request, and a
 * gap of unneeded frames is read through when it is shorter than `gapBytes`. A chunk that occurs twice is fetched once.
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
  for (const one of locateChunks(index)) {
    const { rawDigest } = one.chunk;
    if (have.has(one.rawAt)) continue;
    const others = places.get(rawDigest);
    if (seeds.has(rawDigest)) {
      local.push(one);
    } else if (others !== undefined) {
      others.push(one.rawAt);
    } else {
      places.set(rawDigest, [one.rawAt]);
      missing.push(one);
    }
  }
  const ranges = mergeRanges(missing, gapBytes);
  return { local, ranges, places, transferBytes: ranges.reduce((sum, range) => sum + range.end - range.start, 0) };
}

function mergeRanges(missing: readonly ChunkLocation[], gapBytes: number): readonly PackRange[] {
  const ranges: { start: number; end: number; chunks: ChunkLocation[] }[] = [];
  for (const one of missing) {
    const last = ranges.at(-1);
    const end = one.frameAt + one.chunk.frameLength;
    if (last !== undefined && one.frameAt - last.end <= gapBytes) {
      last.end = end;
      last.chunks.push(one);
    } else {
      ranges.push({ start: one.frameAt, end, chunks: [one] });
    }
  }
  return ranges;
}
