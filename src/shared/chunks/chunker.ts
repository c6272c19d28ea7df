import { gear } from './gear.ts';

/** Sizes in bytes. `average` is a power of two; `min` ≤ `average` ≤ `max`. */
export interface ChunkSizes {
  readonly min: number;
  readonly average: number;
  readonly max: number;
}

/** The publisher's sizes. docs/formats.md describes them. */
export const defaultChunkSizes: ChunkSizes = sizesFor(64 * 1024);

/** Sizes from a quarter of the average to four times the average. */
export function sizesFor(average: number): ChunkSizes {
  return { min: average / 4, average, max: average * 4 };
}

const hashWindow = 32;

/** Receives bytes in pieces, and reports where chunks end. */
export interface Chunker {
  /** Offsets, counted from the start of `bytes`, after which a chunk ends. */
  push(bytes: Uint8Array): readonly number[];
}

/**
 * Content-defined chunking after FastCDC (Xia et al., USENIX ATC 2016). A cut depends on the highest bits of a gear hash over
 * the last 32 bytes, with a stricter mask before the average size and a looser one after it (normalisation level 2). Equal
 * bytes give equal chunks at every offset, so publisher and client cut a file in the same way, and a small change affects
 * only the chunks around it. The bytes after the last cut are the last chunk.
 */
export function createChunker(sizes: ChunkSizes): Chunker {
  const bits = Math.log2(sizes.average);
  const strict = highBits(bits + 2);
  const loose = highBits(bits - 2);
  /** The number of bytes of the open chunk from earlier pushes, and the hash after them. */
  let pending = 0;
  let hash = 0;

  /** Hashes from `at` to `end`. Returns the offset after the first byte that matches `mask`, or -1. */
  function scan(bytes: Uint8Array, at: number, end: number, mask: number): number {
    let rolling = hash;
    for (let index = at; index < end; index += 1) {
      rolling = ((rolling << 1) + (gear[bytes[index] as number] as number)) | 0;
      if ((rolling & mask) === 0) {
        hash = 0;
        return index + 1;
      }
    }
    hash = rolling;
    return -1;
  }

  function roll(bytes: Uint8Array, at: number, end: number): void {
    for (let index = at; index < end; index += 1) hash = ((hash << 1) + (gear[bytes[index] as number] as number)) | 0;
  }

  /** The end of the chunk that starts at `start` (negative if it started in an earlier push), or -1. */
  function cutAfter(bytes: Uint8Array, start: number): number {
    const within = (offset: number): number => Math.min(bytes.length, Math.max(0, start + offset));
    // There are no cuts before the minimum size, and the 32-bit hash depends only on the last 32 bytes.
    roll(bytes, within(sizes.min - hashWindow), within(sizes.min - 1));
    const cut = scan(bytes, within(sizes.min - 1), within(sizes.average), strict);
    if (cut >= 0) return cut;
    const late = scan(bytes, within(sizes.average), within(sizes.max), loose);
    if (late >= 0) return late;
    if (start + sizes.max > bytes.length) return -1;
    hash = 0;
    return start + sizes.max;
  }

  return {
    push(bytes) {
      const cuts: number[] = [];
      let start = -pending;
      for (;;) {
        const cut = cutAfter(bytes, start);
        if (cut < 0) break;
        cuts.push(cut);
        start = cut;
      }
      pending = bytes.length - start;
      return cuts;
    },
  };
}

function highBits(count: number): number {
  return ~(0xff_ff_ff_ff >>> count);
}
