import { describe, expect, it } from 'vitest';

import { leastLease, startLease, takeLease } from './segments.ts';

const mib = 1024 * 1024;
const least = leastLease(undefined);

describe('takeLease', () => {
  it('begins with everything', () => {
    expect(takeLease([], 10 * mib, [], least)).toEqual(startLease({ at: 0, end: 10 * mib }));
  });

  it('takes the first gap that nobody works on', () => {
    const have = [{ at: 0, end: 2 * mib }];
    const busy = [startLease({ at: 5 * mib, end: 6 * mib })];
    expect(takeLease(have, 10 * mib, busy, least)).toEqual(startLease({ at: 2 * mib, end: 5 * mib }));
  });

  it('takes a small gap too: somebody must', () => {
    expect(takeLease([{ at: 0, end: 99 }], 100, [], least)).toEqual(startLease({ at: 99, end: 100 }));
  });

  it('otherwise takes the second half of the longest lease away', () => {
    const leases = [startLease({ at: 0, end: 3 * mib }), startLease({ at: 3 * mib, end: 10 * mib })];
    expect(takeLease([], 10 * mib, leases, least)).toEqual(startLease({ at: 6.5 * mib, end: 10 * mib }));
    expect(leases.map(({ end }) => end)).toEqual([3 * mib, 6.5 * mib]);
  });

  it('takes nothing away that has come, though it is not written yet', () => {
    const lease = { at: 0, seen: 4 * mib, end: 8 * mib };
    expect(takeLease([], lease.end, [lease], least)).toEqual(startLease({ at: 6 * mib, end: 8 * mib }));
  });

  it('leaves a lease alone whose half is not worth a request', () => {
    const lease = startLease({ at: 0, end: 2 * least - 1 });
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
