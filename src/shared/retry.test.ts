import { describe, expect, it } from 'vitest';

import { classifyStatus, growingPause, parseRetryAfter, retry, retryDelayMs } from './retry.ts';

describe('classifyStatus', () => {
  it('separates statuses worth a retry from those that need another mirror', () => {
    expect([200, 206, 301, 400, 401, 403, 404, 408, 416, 429, 500, 501, 502, 503, 504].map(classifyStatus)).toEqual([
      'success',
      'success',
      'next-mirror',
      'next-mirror',
      'next-mirror',
      'next-mirror',
      'next-mirror',
      'retry',
      'next-mirror',
      'retry',
      'retry',
      'next-mirror',
      'retry',
      'retry',
      'retry',
    ]);
  });
});

describe('retryDelayMs', () => {
  it('doubles up to half a minute', () => {
    expect([1, 2, 3, 4, 7, 50].map((failures) => retryDelayMs(failures, 1))).toEqual([
      500, 1000, 2000, 4000, 30_000, 30_000,
    ]);
  });

  it('is random in its second half', () => {
    expect({ shortest: retryDelayMs(1, 0), middle: retryDelayMs(1, 0.5) }).toEqual({ shortest: 250, middle: 375 });
  });

  it('is never shorter than Retry-After, up to the limit', () => {
    expect({ asked: retryDelayMs(1, 0, 4000), limited: retryDelayMs(1, 0, 1e12) }).toEqual({
      asked: 4000,
      limited: 300_000,
    });
  });
});

describe('parseRetryAfter', () => {
  const now = Date.parse('2026-11-22T10:00:00Z');
  it.each([
    [undefined, undefined],
    ['120', 120_000],
    ['Sun, 22 Nov 2026 10:00:30 GMT', 30_000],
    ['Sun, 22 Nov 2026 09:00:00 GMT', 0],
    ['soon', undefined],
    ['', undefined],
  ])('reads %j', (value, ms) => {
    expect(parseRetryAfter(value, now)).toBe(ms);
  });
});

describe('retry', () => {
  const run = async (pauses: readonly number[], isWorthWaiting = true) => {
    const waits: number[] = [];
    const outcome = await retry(
      (before) => Promise.resolve(before),
      (_outcome, attempts) => pauses[attempts - 1],
      (ms) => Promise.resolve(isWorthWaiting && waits.push(ms) > 0),
    );
    return { outcome, waits };
  };

  it('repeats with pauses until no further pause is requested, and returns the last outcome', async () => {
    expect(await run([10, 20])).toEqual({ outcome: 2, waits: [10, 20] });
  });

  it('ends if the wait resolves to false', async () => {
    expect(await run([10, 20], false)).toEqual({ outcome: 0, waits: [] });
  });

  it('lets errors through', async () => {
    const failing = retry(
      () => Promise.reject(new Error('broken')),
      () => 10,
      () => Promise.resolve(),
    );
    await expect(failing).rejects.toThrow('broken');
  });
});

it('a growing pause has an upper limit', () => {
  expect([1, 2, 3, 4].map((attempts) => growingPause(attempts, 100, 500))).toEqual([100, 200, 400, 500]);
});
