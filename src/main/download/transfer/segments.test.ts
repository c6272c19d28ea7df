import { describe, expect, it } from 'vitest';

import { minSegmentBytes, newSegment, assignSegment } from './segments.ts';

const mib = 1024 * 1024;
const least = minSegmentBytes(undefined);

describe('takeLease', () => {
  it('begins with everything', () => {
    expect(assignSegment([], 10 * mib, [], least)).toEqual(newSegment({ start: 0, end: 10 * mib }));
  });

  it('takes the first gap that nobody works on', () => {
    const have = [{ start: 0, end: 2 * mib }];
    const busy = [newSegment({ start: 5 * mib, end: 6 * mib })];
    expect(assignSegment(have, 10 * mib, busy, least)).toEqual(newSegment({ start: 2 * mib, end: 5 * mib }));
  });

  it('takes a small gap too: somebody must', () => {
    expect(assignSegment([{ start: 0, end: 99 }], 100, [], least)).toEqual(newSegment({ start: 99, end: 100 }));
  });

  it('otherwise takes the second half of the longest lease away', () => {
    const segments = [newSegment({ start: 0, end: 3 * mib }), newSegment({ start: 3 * mib, end: 10 * mib })];
    expect(assignSegment([], 10 * mib, segments, least)).toEqual(newSegment({ start: 6.5 * mib, end: 10 * mib }));
    expect(segments.map(({ end }) => end)).toEqual([3 * mib, 6.5 * mib]);
  });

  it('takes nothing away that has come, though it is not written yet', () => {
    const segment = { written: 0, received: 4 * mib, end: 8 * mib };
    expect(assignSegment([], segment.end, [segment], least)).toEqual(newSegment({ start: 6 * mib, end: 8 * mib }));
  });

  it('leaves a lease alone whose half is not worth a request', () => {
    const segment = newSegment({ start: 0, end: 2 * least - 1 });
    expect([assignSegment([], segment.end, [segment], least), segment.end]).toEqual([undefined, 2 * least - 1]);
  });

  it('has nothing to give when all is there', () => {
    expect(assignSegment([{ start: 0, end: 10 }], 10, [], least)).toBeUndefined();
  });
});

describe('leastLease', () => {
  it('is what a connection gives in a second, within reason', () => {
    expect([undefined, 1000, 200_000, 50_000_000].map(minSegmentBytes)).toEqual([mib, 65_536, 200_000, mib]);
  });
});
