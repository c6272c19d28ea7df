import { describe, expect, it } from 'vitest';

import { judgeStatus, parseRetryAfter, retryDelayMs } from './retry.ts';

describe('judgeStatus', () => {
  it('tells what may work later from what will not work here', () => {
    expect([200, 206, 301, 400, 401, 403, 404, 408, 416, 429, 500, 501, 502, 503, 504].map(judgeStatus)).toEqual([
      'good',
      'good',
      'elsewhere',
      'elsewhere',
      'elsewhere',
      'elsewhere',
      'elsewhere',
      'later',
      'elsewhere',
      'later',
      'later',
      'elsewhere',
      'later',
      'later',
      'later',
    ]);
  });
});

describe('retryDelayMs', () => {
  it('doubles up to half a minute', () => {
    expect([1, 2, 3, 4, 7, 50].map((failures) => retryDelayMs(failures, 1))).toEqual([
      500, 1000, 2000, 4000, 30_000, 30_000,
    ]);
  });

  it('is random by half', () => {
    expect([retryDelayMs(1, 0), retryDelayMs(1, 0.5)]).toEqual([250, 375]);
  });

  it('never comes earlier than the server asked for, within reason', () => {
    expect([retryDelayMs(1, 0, 4000), retryDelayMs(1, 0, 1e12)]).toEqual([4000, 300_000]);
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
