import { describe, expect, it } from 'vitest';

import { etaSeconds, type RateEstimate, sampleRate, startRate } from './rate-estimator.ts';

/** Takes a sample twice a second, starting with the first byte. */
function after(bytesInEachHalfSecond: readonly number[], start = 0): RateEstimate {
  let [now, bytes] = [start, 1];
  let estimate = sampleRate(startRate(0, 0), now, bytes);
  for (const more of bytesInEachHalfSecond) estimate = sampleRate(estimate, (now += 500), (bytes += more));
  return estimate;
}

describe('the rate', () => {
  it('is unknown at first, then equals the first sample', () => {
    const start = sampleRate(startRate(0, 0), 1000, 10_000);
    const soon = sampleRate(start, 1100, 50_000);
    expect([soon.bytesPerSecond, sampleRate(soon, 2000, 510_000).bytesPerSecond]).toEqual([undefined, 500_000]);
  });

  it('does not count the wait for the first byte', () => {
    const late = sampleRate(sampleRate(startRate(0, 0), 5000, 0), 9000, 100);
    expect(sampleRate(late, 10_000, 50_100).bytesPerSecond).toBe(50_000);
  });

  it('follows a change within seconds', () => {
    const steady = after(Array.from({ length: 20 }, () => 500_000));
    const halted = sampleRate(steady, steady.at + 2000, steady.bytes);
    const rates = [steady, halted].map(({ bytesPerSecond = NaN }) => Math.round(bytesPerSecond / 10_000) / 100);
    expect(rates).toEqual([1, 0.43]);
  });

  it('gives a short sample little weight', () => {
    const steady = after([500, 500, 500, 500, 500, 500]);
    const burst = sampleRate(steady, steady.at + 250, steady.bytes + 2500);
    expect(Math.round(burst.bytesPerSecond ?? NaN)).toBe(2065);
  });
});

describe('the time left', () => {
  it('is rounded up, and known once there are enough samples', () => {
    const early = after([500, 500, 500]);
    const later = after([500, 500, 500, 500]);
    expect({
      early: etaSeconds(early, 1500),
      later: etaSeconds(later, 1500),
      complete: etaSeconds(later, 0),
    }).toEqual({
      early: undefined,
      later: 2,
      complete: 0,
    });
  });

  it('is unknown when nothing arrives any more', () => {
    expect(etaSeconds(after([500, 500, 500, 500, ...Array.from({ length: 60 }, () => 0)]), 100)).toBeUndefined();
  });

  it.each([1, 5])('is right within a tenth after two to three seconds of slow start, %i seconds away', (seconds) => {
    // A connection that doubles its rate five times and then delivers 2 MB/s, after a wait for its first byte.
    const started = [31_250, 62_500, 125_000, 250_000, 500_000, ...Array.from({ length: 5 }, () => 1_000_000)];
    const eta = etaSeconds(after(started, seconds * 1000), 100_000_000) ?? NaN;
    expect([eta >= 50, eta <= 100]).toEqual([true, true]);
  });
});
