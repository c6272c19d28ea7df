import { type Extents, missingIn } from './extents.ts';

/** Bytes that one connection is to fetch. It moves `at` forward; another may take the tail away by lowering `end`. */
export interface Lease {
  at: number;
  end: number;
}

/** A tail shorter than this is not worth a request of its own, in bytes. */
export const leastLease: number = 1024 * 1024;

/**
 * What a free connection should fetch next: the first gap that nobody works on, else the second half of the longest
 * lease, which is shortened by it. `undefined` when nothing is left that is worth a request.
 */
export function takeLease(have: Extents, length: number, leases: Iterable<Lease>): Lease | undefined {
  const active = [...leases];
  const gap = missingIn(have, { at: 0, end: length })
    .flatMap((missing) => missingIn(sorted(active), missing))
    .at(0);
  return gap === undefined ? stealTail(active) : { ...gap };
}

function stealTail(active: readonly Lease[]): Lease | undefined {
  const longest = active.reduce<Lease | undefined>(
    (found, lease) => (found === undefined || remaining(lease) > remaining(found) ? lease : found),
    undefined,
  );
  if (longest === undefined || remaining(longest) < 2 * leastLease) return undefined;
  const middle = longest.at + Math.ceil(remaining(longest) / 2);
  const tail = { at: middle, end: longest.end };
  longest.end = middle;
  return tail;
}

function remaining(lease: Lease): number {
  return lease.end - lease.at;
}

function sorted(leases: readonly Lease[]): Extents {
  return [...leases].sort((a, b) => a.at - b.at);
}
