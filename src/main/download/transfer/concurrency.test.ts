import { describe, expect, it } from 'vitest';

import { adjustConcurrency, type Concurrency, reduceConcurrency, initialConcurrency, windowMs } from './concurrency.ts';

/** Windows of one second each, in which so many bytes come. */
function after(rates: readonly number[], { length = 1e9, max = 4 } = {}): Concurrency {
  let concurrency = initialConcurrency(0);
  let received = 0;
  for (const [index, rate] of rates.entries()) {
    received += rate;
    concurrency = adjustConcurrency(concurrency, {
      now: (index + 1) * windowMs,
      received,
      remaining: length - received,
      max,
    });
  }
  return concurrency;
}

describe('concurrency', () => {
  it('is one until there is a measurement', () => {
    expect([
      after([]).allowed,
      adjustConcurrency(initialConcurrency(0), { now: 10, received: 1, remaining: 1e9, max: 4 }).allowed,
    ]).toEqual([1, 1]);
  });

  it('doubles as long as the rate grows with it', () => {
    expect({
      oneWindow: after([100]).allowed,
      twoWindows: after([100, 190]).allowed,
      threeWindows: after([100, 190, 370]).allowed,
    }).toEqual({
      oneWindow: 2,
      twoWindows: 4,
      threeWindows: 4,
    });
  });

  it('goes back for good when more connections did not help', () => {
    expect(after([100, 110])).toMatchObject({ allowed: 1, settled: true });
    expect(after([100, 190, 200, 900])).toMatchObject({ allowed: 2, settled: true });
  });

  it('stays at one when the transfer ends soon, and without ranges', () => {
    expect([after([100], { length: 250 }).allowed, after([100], { max: 1 }).allowed]).toEqual([1, 1]);
  });

  it('is halved for good when the server asks for less', () => {
    expect(reduceConcurrency(after([100, 190]))).toMatchObject({ allowed: 2, settled: true });
  });
});
