import { describe, expect, it } from 'vitest';

import { adjustConcurrency, type Concurrency, reduceConcurrency, initialConcurrency, windowMs } from './concurrency.ts';

/** Windows of one second each, in which so many bytes come. */
function after(rates: readonly number[], { length = 1e9, most = 4 } = {}): Concurrency {
  let concurrency = initialConcurrency(0);
  let received = 0;
  for (const [index, rate] of rates.entries()) {
    received += rate;
    concurrency = adjustConcurrency(concurrency, {
      now: (index + 1) * windowMs,
      received,
      remaining: length - received,
      most,
    });
  }
  return concurrency;
}

describe('how many connections', () => {
  it('is one until there is something to measure', () => {
    expect([
      after([]).allowed,
      adjustConcurrency(initialConcurrency(0), { now: 10, received: 1, remaining: 1e9, most: 4 }).allowed,
    ]).toEqual([1, 1]);
  });

  it('doubles as long as the rate grows with it', () => {
    expect([after([100]).allowed, after([100, 190]).allowed, after([100, 190, 370]).allowed]).toEqual([2, 4, 4]);
  });

  it('goes back and stays there when more did not help', () => {
    expect(after([100, 110])).toMatchObject({ allowed: 1, settled: true });
    expect(after([100, 190, 200, 900])).toMatchObject({ allowed: 2, settled: true });
  });

  it('stays at one when the rest comes soon anyway, and where there are no ranges', () => {
    expect([after([100], { length: 250 }).allowed, after([100], { most: 1 }).allowed]).toEqual([1, 1]);
  });

  it('is halved for good when the server asks for less', () => {
    expect(reduceConcurrency(after([100, 190]))).toMatchObject({ allowed: 2, settled: true });
  });
});
