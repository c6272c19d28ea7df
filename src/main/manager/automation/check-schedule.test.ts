import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  afterWake,
  longestWaitMs,
  nextCheckIn,
  type ScheduleFacts,
  startSplayMs,
  wakeSplayMs,
} from './check-schedule.ts';

const minute = 60_000;
const hour = 60 * minute;
const facts: ScheduleFacts = { now: 1000 * hour, everyMs: 4 * hour, lastTry: undefined, failures: 0, random: 0.5 };

describe('nextCheckIn', () => {
  it('spreads the first check and what is due, keeps the interval, and backs off after failures', () => {
    const { now } = facts;
    const after = (failures: number) => nextCheckIn({ ...facts, lastTry: now, failures, random: 0 }) / minute;
    expect({
      first: nextCheckIn(facts),
      atOnceAtTheEarliest: nextCheckIn({ ...facts, random: 0 }),
      longDue: nextCheckIn({ ...facts, lastTry: now - 9 * hour }),
      clockSetBack: nextCheckIn({ ...facts, lastTry: now + hour }),
      anHourAgo: nextCheckIn({ ...facts, lastTry: now - hour }),
      early: nextCheckIn({ ...facts, lastTry: now, random: 0 }),
      retries: [1, 2, 3, 4, 30].map(after),
      rareChecks: nextCheckIn({ ...facts, lastTry: now, everyMs: 30 * 24 * hour }),
    }).toEqual({
      first: startSplayMs / 2,
      atOnceAtTheEarliest: 0,
      longDue: startSplayMs / 2,
      clockSetBack: startSplayMs / 2,
      anHourAgo: 3 * hour,
      early: 3.6 * hour,
      retries: [0.5, 1, 2, 4, 120],
      rareChecks: longestWaitMs,
    });
  });

  it('never waits less than nothing, nor longer than a day', () => {
    const any = fc.record({
      now: fc.integer({ min: 0, max: 2e12 }),
      everyMs: fc.integer({ min: minute, max: 30 * 24 * hour }),
      lastTry: fc.option(fc.integer({ min: 0, max: 2e12 }), { nil: undefined }),
      failures: fc.nat(1000),
      random: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    });
    fc.assert(
      fc.property(any, (facts) => {
        const wait = nextCheckIn(facts);
        return Number.isSafeInteger(wait) && wait >= 0 && wait <= longestWaitMs;
      }),
    );
  });

  it('spreads the checks of many computers that start together over the splay', () => {
    const minutes = Array.from({ length: 1000 }, (_, one) => nextCheckIn({ ...facts, random: one / 1000 }) / minute);
    const busiest = Math.max(...[0, 1].map((from) => minutes.filter((at) => at >= from && at < from + 1).length));
    expect(busiest).toBe(500);
  });
});

describe('afterWake', () => {
  it('checks soon if a check is due or the last one failed, and never delays an earlier one', () => {
    const { now } = facts;
    const soon = wakeSplayMs / 2;
    expect({
      due: afterWake({ ...facts, lastTry: now - 5 * hour }, undefined),
      failed: afterWake({ ...facts, lastTry: now - hour, failures: 1 }, 10 * minute),
      notDue: afterWake({ ...facts, lastTry: now - hour }, 3 * hour),
      timerIsEarlier: afterWake({ ...facts, lastTry: now - 5 * hour }, soon - 1),
      clockWasSetBack: afterWake({ ...facts, lastTry: now + hour }, undefined),
    }).toEqual({ due: soon, failed: soon, notDue: undefined, timerIsEarlier: undefined, clockWasSetBack: soon });
  });
});
