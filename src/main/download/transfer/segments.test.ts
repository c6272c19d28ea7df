import { describe, expect, it } from 'vitest';

import { minSegmentBytes, newSegment, assignSegment } from './segments.ts';

const mib = 1024 * 1024;
const minBytes = minSegmentBytes(undefined);

describe('assignSegment', () => {
  it('starts with the whole file', () => {
    expect(assignSegment([], 10 * mib, [], minBytes)).toEqual(newSegment({ start: 0, end: 10 * mib }));
  });

  it('takes the first gap that no connection fetches', () => {
    const have = [{ start: 0, end: 2 * mib }];
    const busy = [newSegment({ start: 5 * mib, end: 6 * mib })];
    expect(assignSegment(have, 10 * mib, busy, minBytes)).toEqual(newSegment({ start: 2 * mib, end: 5 * mib }));
  });

  it('takes even a small gap, because it must be fetched', () => {
    expect(assignSegment([{ start: 0, end: 99 }], 100, [], minBytes)).toEqual(newSegment({ start: 99, end: 100 }));
  });

  it('otherwise takes the second half of the longest segment', () => {
    const segments = [newSegment({ start: 0, end: 3 * mib }), newSegment({ start: 3 * mib, end: 10 * mib })];
    expect(assignSegment([], 10 * mib, segments, minBytes)).toEqual(newSegment({ start: 6.5 * mib, end: 10 * mib }));
    expect(segments.map(({ end }) => end)).toEqual([3 * mib, 6.5 * mib]);
  });

  it('leaves received bytes in their segment even if they are not written yet', () => {
    const segment = { written: 0, received: 4 * mib, end: 8 * mib };
    expect(assignSegment([], segment.end, [segment], minBytes)).toEqual(newSegment({ start: 6 * mib, end: 8 * mib }));
  });

  it('leaves a segment alone if its half is not worth a request', () => {
    const segment = newSegment({ start: 0, end: 2 * minBytes - 1 });
    expect([assignSegment([], segment.end, [segment], minBytes), segment.end]).toEqual([undefined, 2 * minBytes - 1]);
  });

  it('returns nothing when all bytes are there', () => {
    expect(assignSegment([{ start: 0, end: 10 }], 10, [], minBytes)).toBeUndefined();
  });
});

describe('minSegmentBytes', () => {
  it('is what a connection delivers in a second, within limits', () => {
    expect([undefined, 1000, 200_000, 50_000_000].map(minSegmentBytes)).toEqual([mib, 65_536, 200_000, mib]);
  });
});
