import { describe, expect, it } from 'vitest';

import { etaSeconds, sampleRate, startRate } from './rate.ts';

describe('the rate', () => {
  it('is unknown at first, then what the first sample says', () => {
    const start = startRate(1000, 0);
    const soon = sampleRate(start, 1100, 50_000);
    expect([soon.bytesPerSecond, sampleRate(soon, 2000, 500_000).bytesPerSecond]).toEqual([undefined, 500_000]);
  });

  it('follows a change within seconds, and forgets the old rate by half in two', () => {
    const fast = sampleRate(startRate(0, 0), 1000, 1_000_000);
    const halted = sampleRate(fast, 3000, 1_000_000);
    expect(halted.bytesPerSecond).toBeCloseTo(500_000);
  });

  it('tells the time left, rounded up, if it can', () => {
    const rate = sampleRate(startRate(0, 0), 1000, 1000);
    expect([etaSeconds(rate, 1500), etaSeconds(rate, 0), etaSeconds(startRate(0, 0), 5)]).toEqual([2, 0, undefined]);
  });
});
