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
  it('gets worse and delays the next try with each failure', () => {
    const once = recordFailure(healthy, 1000, 1);
    const twice = recordFailure(once, 2000, 1);
    expect({
      healthy: penalty(healthy, 2000),
      once: penalty(once, 2000),
      twice: penalty(twice, 2000),
      retryAfterOne: once.retryAt,
      retryAfterTwo: twice.retryAt,
    }).toEqual({
      healthy: 0,
      once: 1,
      twice: 2,
      retryAfterOne: 1500,
      retryAfterTwo: 3000,
    });
  });

  it('is restored by success, and failures expire', () => {
    const failed = recordFailure(healthy, 1000, 0);
    expect([penalty(recordSuccess(failed), 1001), penalty(failed, 1000 + 11 * 60_000)]).toEqual([0, 0]);
  });

  it('waits as long as the server asks', () => {
    expect(recordFailure(healthy, 0, 0, 60_000).retryAt).toBe(60_000);
  });

  it('is worse after corrupt bytes than after any failure, for a day', () => {
    const corrupt = recordCorruption(healthy, 5);
    expect({
      soonAfter: isQuarantined(corrupt, 6),
      isWorseThanAnyFailure: penalty(corrupt, 6) > 100,
      aDayLater: isQuarantined(corrupt, 5 + 25 * 60 * 60_000),
    }).toEqual({
      soonAfter: true,
      isWorseThanAnyFailure: true,
      aDayLater: false,
    });
  });

  it('is slightly worse for ten minutes if another mirror was faster, but better than after a failure', () => {
    const slow = recordSlow(healthy, 1000);
    expect([penalty(slow, 2000), penalty(slow, 1000 + 10 * 60_000)]).toEqual([0.75, 0]);
  });
});
