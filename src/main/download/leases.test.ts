import { describe, expect, it } from 'vitest';

import { type Lease, leastLease, takeLease } from './leases.ts';

const mib = 1024 * 1024;
const least = leastLease(undefined);

describe('takeLease', () => {
  it('begins with everything', () => {
    expect(takeLease([], 10 * mib, [], least)).toEqual({ at: 0, end: 10 * mib });
  });

  it('takes the first gap that nobody works on', () => {
    const have = [{ at: 0, end: 2 * mib }];
    const busy = [{ at: 5 * mib, end: 6 * mib }];
    expect(takeLease(have, 10 * mib, busy, least)).toEqual({ at: 2 * mib, end: 5 * mib });
  });

  it('takes a small gap too: somebody must', () => {
    expect(takeLease([{ at: 0, end: 99 }], 100, [], least)).toEqual({ at: 99, end: 100 });
  });

  it('otherwise takes the second half of the longest lease away', () => {
    const leases: Lease[] = [
      { at: 0, end: 3 * mib },
      { at: 3 * mib, end: 10 * mib },
    ];
    expect(takeLease([], 10 * mib, leases, least)).toEqual({ at: 6.5 * mib, end: 10 * mib });
    expect(leases).toEqual([
      { at: 0, end: 3 * mib },
      { at: 3 * mib, end: 6.5 * mib },
    ]);
  });

  it('leaves a lease alone whose half is not worth a request', () => {
    const lease = { at: 0, end: 2 * least - 1 };
    expect([takeLease([], lease.end, [lease], least), lease.end]).toEqual([undefined, 2 * least - 1]);
  });

  it('has nothing to give when all is there', () => {
    expect(takeLease([{ at: 0, end: 10 }], 10, [], least)).toBeUndefined();
  });
});

describe('leastLease', () => {
  it('is what a connection gives in a second, within reason', () => {
    expect([undefined, 1000, 200_000, 50_000_000].map(leastLease)).toEqual([mib, 65_536, 200_000, mib]);
  });
});
