import { type ByteRange, type ByteRanges, gaps } from '../byte-ranges.ts';

/**
 * The bytes that one connection is to fetch. The connection moves `written` and `received` forward. Another connection
 * may take the tail by lowering `end`.
 */
export interface Segment {
  /** Bytes before this offset were written or are being written. */
  written: number;
  /** Bytes before this offset were received and need not be fetched again. */
  received: number;
  end: number;
}

/** A segment of which nothing has been received. */
export function newSegment({ start: at, end }: ByteRange): Segment {
  return { written: at, received: at, end };
}

/** A tail that takes less time than this is not worth a request of its own, in milliseconds. */
const minSegmentMs = 1000;
/** Limits of what is worth a request, in bytes: never less than `from`, always from `to` on. */
const segmentBytes = { from: 64 * 1024, to: 1024 * 1024 };

/** The bytes that justify a request at a connection's rate (bytes per second; `undefined` if unknown). */
export function minSegmentBytes(rate: number | undefined): number {
  const bytes = rate === undefined ? Infinity : (rate * minSegmentMs) / 1000;
  return Math.min(segmentBytes.to, Math.max(segmentBytes.from, bytes));
}

/**
 * The next segment for a free connection: the first gap that no connection fetches, or else the second half of the
 * longest segment, which is shortened. `undefined` if nothing is left that justifies a request of `minBytes`.
 */
export function assignSegment(
  have: ByteRanges,
  length: number,
  segments: Iterable<Segment>,
  minBytes: number,
): Segment | undefined {
  const active = [...segments];
  const gap = gaps(have, { start: 0, end: length })
    .flatMap((missing) => gaps(sorted(active), missing))
    .at(0);
  return gap === undefined ? stealTail(active, minBytes) : newSegment(gap);
}

function stealTail(active: readonly Segment[], minBytes: number): Segment | undefined {
  const longest = active.reduce<Segment | undefined>(
    (found, segment) => (found === undefined || remaining(segment) > remaining(found) ? segment : found),
    undefined,
  );
  if (longest === undefined || remaining(longest) < 2 * minBytes) return undefined;
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
