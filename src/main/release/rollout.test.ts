import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { rolloutBucket, rolloutShare } from './rollout.ts';

const releasedAt = '2026-11-01T00:00:00Z';
const day = 86_400_000;
const released = Date.parse(releasedAt);

describe('rolloutShare', () => {
  it('is every installation without a rollout, and as signed before and after a ramp', () => {
    const ramp = { basisPoints: 1000, startsAt: '2026-11-02T00:00:00Z', completeAt: '2026-11-12T00:00:00Z' };
    expect({
      none: rolloutShare({ releasedAt }, 0),
      constant: rolloutShare({ releasedAt, rollout: { basisPoints: 2500 } }, released + 100 * day),
      beforeRelease: rolloutShare({ releasedAt, rollout: { basisPoints: 2500 } }, released - 1),
      beforeStart: rolloutShare({ releasedAt, rollout: ramp }, released + day - 1),
      atStart: rolloutShare({ releasedAt, rollout: ramp }, released + day),
      halfway: rolloutShare({ releasedAt, rollout: ramp }, released + 6 * day),
      complete: rolloutShare({ releasedAt, rollout: ramp }, released + 11 * day),
      halted: rolloutShare({ releasedAt, rollout: { basisPoints: 0 } }, released + day),
    }).toEqual({
      none: 10_000,
      constant: 2500,
      beforeRelease: 0,
      beforeStart: 0,
      atStart: 1000,
      halfway: 5500,
      complete: 10_000,
      halted: 0,
    });
  });

  it('starts a ramp at the release date by default, and completes a ramp that ends before it starts', () => {
    const rollout = { basisPoints: 0, completeAt: '2026-11-03T00:00:00Z' };
    expect({
      halfway: rolloutShare({ releasedAt, rollout }, released + day),
      beforeStart: rolloutShare(
        { releasedAt, rollout: { ...rollout, startsAt: '2026-11-04T00:00:00Z' } },
        released + 2 * day,
      ),
      start: rolloutShare(
        { releasedAt, rollout: { ...rollout, startsAt: '2026-11-04T00:00:00Z' } },
        released + 3 * day,
      ),
    }).toEqual({
      halfway: 5000,
      beforeStart: 0,
      start: 10_000,
    });
  });

  it('offers nothing at an invalid time', () => {
    expect(rolloutShare({ releasedAt: '2026-02-31T99:00:00Z', rollout: { basisPoints: 10_000 } }, released)).toBe(0);
  });

  it('never shrinks, is an integer and never exceeds all installations', () => {
    const instant = fc.date({ min: new Date('2020-01-01'), max: new Date('9999-12-31'), noInvalidDate: true });
    fc.assert(
      fc.property(
        fc.nat(10_000),
        instant,
        instant,
        fc.tuple(instant, instant),
        (basisPoints, startsAt, completeAt, at) => {
          const rollout = { basisPoints, startsAt: startsAt.toISOString(), completeAt: completeAt.toISOString() };
          const [earlier, later] = at
            .map(Number)
            .toSorted((a, b) => a - b)
            .map((now) => rolloutShare({ releasedAt, rollout }, now));
          return (
            Number.isSafeInteger(earlier) &&
            Number(earlier) >= 0 &&
            Number(earlier) <= Number(later) &&
            Number(later) <= 10_000
          );
        },
      ),
    );
  });
});

describe('rolloutBucket', () => {
  it('is HMAC-SHA256(install id, app|version) mod 10,000', () => {
    // python3: int(hmac.new(b"install", b"org.example.notes|1.4.0", "sha256").hexdigest(), 16) % 10000
    expect(rolloutBucket('install', 'org.example.notes', '1.4.0')).toBe(1934);
  });

  it('spreads installations evenly and differs between versions', () => {
    const buckets = Array.from({ length: 2000 }, (_, id) => rolloutBucket(`id-${id}`, 'a.b', '1.0.0'));
    const inFirstTenth = buckets.filter((bucket) => bucket < 1000).length;
    const sameNextTime = buckets.filter((bucket, id) => bucket === rolloutBucket(`id-${id}`, 'a.b', '1.0.1')).length;
    expect([inFirstTenth > 140 && inFirstTenth < 260, sameNextTime < 20]).toEqual([true, true]);
  });
});
