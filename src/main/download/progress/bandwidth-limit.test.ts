import { describe, expect, it } from 'vitest';

import { consume, type TokenBucket, unthrottled } from './bandwidth-limit.ts';

describe('the token bucket', () => {
  it('lets a burst through, then holds the cap', () => {
    let throttle: TokenBucket = unthrottled;
    let now = 10_000;
    const waits: number[] = [];
    for (let step = 0; step < 4; step++) {
      const taken = consume(throttle, 1000, 10_000, now);
      throttle = taken.bucket;
      waits.push(taken.waitMs);
      now += taken.waitMs;
    }
    expect(waits).toEqual([0, 0, 50, 100]);
  });

  it('grants only one burst of credit after an idle hour', () => {
    const { bucket: throttle } = consume(unthrottled, 1000, 1000, 0);
    expect(consume(throttle, 1000, 1000, 3_600_000).waitMs).toBe(750);
  });
});
