import { describe, expect, it } from 'vitest';

import { takeBytes, type Throttle, unthrottled } from './bandwidth-limit.ts';

describe('the throttle', () => {
  it('lets a burst through, then holds the cap', () => {
    let throttle: Throttle = unthrottled;
    let now = 10_000;
    const waits: number[] = [];
    for (let step = 0; step < 4; step++) {
      const taken = takeBytes(throttle, 1000, 10_000, now);
      throttle = taken.throttle;
      waits.push(taken.waitMs);
      now += taken.waitMs;
    }
    expect(waits).toEqual([0, 0, 50, 100]);
  });

  it('gives an hour of silence no more than a burst of credit', () => {
    const { throttle } = takeBytes(unthrottled, 1000, 1000, 0);
    expect(takeBytes(throttle, 1000, 1000, 3_600_000).waitMs).toBe(750);
  });
});
