import { describe, expect, it } from 'vitest';

import { type Contest, isWorthContest, judge, type Standing } from './probe-decision.ts';

const kb = 1000;
const contest: Contest = { since: 0, usual: 50 * kb, incumbentBytes: 500 * kb, challengerBytes: 0 };

function after(seconds: number, standing: Partial<Standing>): ReturnType<typeof judge> {
  return judge(contest, {
    now: seconds * 1000,
    incumbentBytes: contest.incumbentBytes + 50 * kb * seconds,
    challengerBytes: 0,
    connections: 1,
    isOver: false,
    ...standing,
  });
}

describe('a contest between mirrors', () => {
  it('is open for three seconds, unless the challenger has nothing more to fetch', () => {
    expect([
      after(2.9, { challengerBytes: 900 * kb }),
      after(3, { challengerBytes: 900 * kb }),
      after(0.5, { challengerBytes: 64 * kb, isOver: true }),
    ]).toEqual(['open', 'challenger', 'challenger']);
  });

  it('is won by twice the rate of a connection, not by less', () => {
    expect([
      after(3, { challengerBytes: 300 * kb }),
      after(3, { challengerBytes: 299 * kb }),
      // Four connections that give 200 kB/s together.
      after(3, { challengerBytes: 299 * kb, incumbentBytes: 1100 * kb, connections: 4 }),
    ]).toEqual(['challenger', 'incumbent', 'incumbent']);
  });

  it('does not hold a line against the incumbent that just got slower, or that the challenger takes away', () => {
    expect(after(3, { challengerBytes: 200 * kb, incumbentBytes: contest.incumbentBytes })).toBe('incumbent');
  });

  it('is won over an incumbent that gives nothing, but not by next to nothing', () => {
    const dead = { ...contest, usual: 0 };
    const standing = { now: 3000, incumbentBytes: dead.incumbentBytes, connections: 0, isOver: false };
    expect([
      judge(dead, { ...standing, challengerBytes: 20 * kb }),
      judge(dead, { ...standing, challengerBytes: 10 * kb }),
    ]).toEqual(['challenger', 'incumbent']);
  });

  it('is worth a request where more than ten seconds are left, once the rate says something', () => {
    expect([
      isWorthContest(2000, 50 * kb, 501 * kb),
      isWorthContest(2000, 50 * kb, 500 * kb),
      isWorthContest(1999, 50 * kb, 501 * kb),
    ]).toEqual([true, false, false]);
  });
});
