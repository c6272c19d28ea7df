import { type Extent, type Extents, missingIn } from '../byte-ranges.ts';

/** Bytes that one connection is to fetch. It moves `at` forward; another may take the tail away by lowering `end`. */
export interface Lease {
  /** Bytes before this have been written, or are being written … */
  at: number;
  /** … and bytes before this have come: nobody needs to fetch them again. */
  seen: number;
  end: number;
}

/** A lease of which nothing has come yet. */
export function startLease({ at, end }: Extent): Lease {
  return { at, seen: at, end };
}

/** A tail that takes no longer than this is not worth a request of its own, in milliseconds … */
const leastLeaseMs = 1000;
/** … and neither is one shorter than this; one longer than that always is. In bytes. */
const leastLeaseBytes = { from: 64 * 1024, to: 1024 * 1024 };

/** Bytes that are worth a request, at a connection's rate in bytes per second; `undefined` when that is not known. */
export function leastLease(rate: number | undefined): number {
  const bytes = rate === undefined ? Infinity : (rate * leastLeaseMs) / 1000;
  return Math.min(leastLeaseBytes.to, Math.max(leastLeaseBytes.from, bytes));
}

/**
 * What a free connection should fetch next: the first gap that nobody works on, else the second half of the longest
 * lease, which is shortened by it. `undefined` when nothing is left that is worth a request, of `least` bytes.
 */
export function takeLease(have: Extents, length: number, leases: Iterable<Lease>, least: number): Lease | undefined {
  const active = [...leases];
  const gap = missingIn(have, { at: 0, end: length })
    .flatMap((missing) => missingIn(sorted(active), missing))
    .at(0);
  return gap === undefined ? stealTail(active, least) : startLease(gap);
}

function stealTail(active: readonly Lease[], least: number): Lease | undefined {
  const longest = active.reduce<Lease | undefined>(
    (found, lease) => (found === undefined || remaining(lease) > remaining(found) ? lease : found),
    undefined,
  );
  if (longest === undefined || remaining(longest) < 2 * least) return undefined;
  const middle = longest.seen + Math.ceil(remaining(longest) / 2);
  const tail = startLease({ at: middle, end: longest.end });
  longest.end = middle;
  return tail;
}

function remaining(lease: Lease): number {
  return lease.end - lease.seen;
}

function sorted(leases: readonly Lease[]): Extents {
  return [...leases].sort((a, b) => a.at - b.at);
}
