/** The bytes of a file from `start` (inclusive) to `end` (exclusive). */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** Sorted. Ranges neither overlap nor touch. */
export type ByteRanges = readonly ByteRange[];

export function addRange(ranges: ByteRanges, extra: ByteRange): ByteRanges {
  if (extra.start >= extra.end) return ranges;
  const before = ranges.filter((range) => range.end < extra.start);
  const after = ranges.filter((range) => range.start > extra.end);
  const touching = ranges.slice(before.length, ranges.length - after.length);
  const merged = {
    start: Math.min(extra.start, touching[0]?.start ?? extra.start),
    end: Math.max(extra.end, touching.at(-1)?.end ?? extra.end),
  };
  return [...before, merged, ...after];
}

/** The parts of `within` that `ranges` do not cover. */
export function gaps(ranges: ByteRanges, within: ByteRange): ByteRanges {
  const missing: ByteRange[] = [];
  let at = within.start;
  for (const range of ranges) {
    if (range.end <= at) continue;
    if (range.start >= within.end) break;
    if (range.start > at) missing.push({ start: at, end: range.start });
    at = range.end;
  }
  if (at < within.end) missing.push({ start: at, end: within.end });
  return missing;
}

export function totalBytes(ranges: ByteRanges): number {
  return ranges.reduce((sum, range) => sum + range.end - range.start, 0);
}

/** `ranges` without the bytes that `unwanted` covers. */
export function subtractRange(ranges: ByteRanges, unwanted: ByteRange): ByteRanges {
  return ranges.flatMap((range) => gaps([unwanted], range));
}
