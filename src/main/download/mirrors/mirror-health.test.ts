import { describe, expect, it } from 'vitest';

import { badness, healthy, isQuarantined, noteFailure, noteLie, noteSlow, noteSuccess } from './mirror-health.ts';

describe('the health of a mirror', () => {
  it('gets worse with each failure, and the next try later', () => {
    const once = noteFailure(healthy, 1000, 1);
    const twice = noteFailure(once, 2000, 1);
    expect([badness(healthy, 2000), badness(once, 2000), badness(twice, 2000), once.retryAt, twice.retryAt]).toEqual([
      0, 1, 2, 1500, 3000,
    ]);
  });

  it('is restored by success, and failures are forgotten after a while', () => {
    const failed = noteFailure(healthy, 1000, 0);
    expect([badness(noteSuccess(failed), 1001), badness(failed, 1000 + 11 * 60_000)]).toEqual([0, 0]);
  });

  it('obeys what the server asked for', () => {
    expect(noteFailure(healthy, 0, 0, 60_000).retryAt).toBe(60_000);
  });

  it('is worse after a lie than after any failure, for a day', () => {
    const liar = noteLie(healthy, 5);
    expect([isQuarantined(liar, 6), badness(liar, 6) > 100, isQuarantined(liar, 5 + 25 * 60 * 60_000)]).toEqual([
      true,
      true,
      false,
    ]);
  });

  it('is a little worse where another mirror was faster, but better than after a failure, for ten minutes', () => {
    const slow = noteSlow(healthy, 1000);
    expect([badness(slow, 2000), badness(slow, 1000 + 10 * 60_000)]).toEqual([0.75, 0]);
  });
});
