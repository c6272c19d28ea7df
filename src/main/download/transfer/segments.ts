import { type ByteRange, type ByteRanges, gaps } from '../byte-ranges.ts';

/** Bytes that one connection is to fetch. It moves `at` forward; another may take the tail away by lowering `end`. */
export interface Segment {
  /** Bytes before this have been written, or are being written … */
  written: number;
  /** … and bytes before this have come: nobody needs to fetch them again. */
  received: number;
  end: number;
}

/** A lease of which nothing has come yet. */
export function newSegment({ start: at, end }: ByteRange): Segment {
  return { written: at, received: at, end };
}

/** A tail that takes no longer than this is not worth a request of its own, in milliseconds … */
const minSegmentMs = 1000;
/** … and neither is one shorter than this; one longer than that always is. In bytes. */
const segmentBytes = { from: 64 * 1024, to: 1024 * 1024 };

/** Bytes that are worth a request, at a connection's rate in bytes per second; `undefined` when that is not known. */
export function minSegmentBytes(rate: number | undefined): number {
  const bytes = rate === undefined ? Infinity : (rate * minSegmentMs) / 1000;
  return Math.min(segmentBytes.to, Math.max(segmentBytes.from, bytes));
}

/**
 * What a free connection should fetch next: the first gap that nobody works on, else the second half of the longest
 * lease, which is shortened by it. `undefined` when nothing is left that is worth a request, of `least` bytes.
 */
export function assignSegment(
  have: ByteRanges,
  length: number,
  segments: Iterable<Segment>,
  least: number,
): Segment | undefined {
  const active = [...segments];
  const gap = gaps(have, { start: 0, end: length })
    .flatMap((missing) => gaps(sorted(active), missing))
    .at(0);
  return gap === undefined ? stealTail(active, least) : newSegment(gap);
}

function stealTail(active: readonly Segment[], least: number): Segment | undefined {
  const longest = active.reduce<Segment | undefined>(
    (found, segment) => (found === undefined || remaining(segment) > remaining(found) ? segment : found),
    undefined,
  );
  if (longest === undefined || remaining(longest) < 2 * least) return undefined;
  const middle = longest.received + Math.ceil(remaining(longest) / 2);
  const tail = newSegment({ start: middle, end: longest.end });
  longest.end = middle;
  return tail;
}

function remaining(segment: Segment): number {
  return segment.end - segment.received;
}

function sorted(segments: readonly Segment[]): ByteRanges {
  return segments.map(({ written: start, end }) => ({ start, end })).sort((a, b) => a.start - b.start);
}
