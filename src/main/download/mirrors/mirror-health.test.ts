import { describe, expect, it } from 'vitest';

import {
  penalty,
  healthy,
  isQuarantined,
  recordFailure,
  recordCorruption,
  recordSlow,
  recordSuccess,
} from './mirror-health.ts';

describe('the health of a mirror', () => {
  it('gets worse with each failure, and the next try later', () => {
    const once = recordFailure(healthy, 1000, 1);
    const twice = recordFailure(once, 2000, 1);
    expect([penalty(healthy, 2000), penalty(once, 2000), penalty(twice, 2000), once.retryAt, twice.retryAt]).toEqual([
      0, 1, 2, 1500, 3000,
    ]);
  });

  it('is restored by success, and failures are forgotten after a while', () => {
    const failed = recordFailure(healthy, 1000, 0);
    expect([penalty(recordSuccess(failed), 1001), penalty(failed, 1000 + 11 * 60_000)]).toEqual([0, 0]);
  });

  it('obeys what the server asked for', () => {
    expect(recordFailure(healthy, 0, 0, 60_000).retryAt).toBe(60_000);
  });

  it('is worse after a lie than after any failure, for a day', () => {
    const liar = recordCorruption(healthy, 5);
    expect([isQuarantined(liar, 6), penalty(liar, 6) > 100, isQuarantined(liar, 5 + 25 * 60 * 60_000)]).toEqual([
      true,
      true,
      false,
    ]);
  });

  it('is a little worse where another mirror was faster, but better than after a failure, for ten minutes', () => {
    const slow = recordSlow(healthy, 1000);
    expect([penalty(slow, 2000), penalty(slow, 1000 + 10 * 60_000)]).toEqual([0.75, 0]);
  });
});
