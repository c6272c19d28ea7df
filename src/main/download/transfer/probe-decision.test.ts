import { describe, expect, it } from 'vitest';

import { type Probe, shouldProbe, evaluateProbe, type ProbeSample } from './probe-decision.ts';

const kb = 1000;
const contest: Probe = { since: 0, usual: 50 * kb, currentBytes: 500 * kb, candidateBytes: 0 };

function after(seconds: number, standing: Partial<ProbeSample>): ReturnType<typeof evaluateProbe> {
  return evaluateProbe(contest, {
    now: seconds * 1000,
    currentBytes: contest.currentBytes + 50 * kb * seconds,
    candidateBytes: 0,
    connections: 1,
    isOver: false,
    ...standing,
  });
}

describe('a contest between mirrors', () => {
  it('is open for three seconds, unless the challenger has nothing more to fetch', () => {
    expect([
      after(2.9, { candidateBytes: 900 * kb }),
      after(3, { candidateBytes: 900 * kb }),
      after(0.5, { candidateBytes: 64 * kb, isOver: true }),
    ]).toEqual(['open', 'candidate', 'candidate']);
  });

  it('is won by twice the rate of a connection, not by less', () => {
    expect([
      after(3, { candidateBytes: 300 * kb }),
      after(3, { candidateBytes: 299 * kb }),
      // Four connections that give 200 kB/s together.
      after(3, { candidateBytes: 299 * kb, currentBytes: 1100 * kb, connections: 4 }),
    ]).toEqual(['candidate', 'current', 'current']);
  });

  it('does not hold a line against the incumbent that just got slower, or that the challenger takes away', () => {
    expect(after(3, { candidateBytes: 200 * kb, currentBytes: contest.currentBytes })).toBe('current');
  });

  it('is won over an incumbent that gives nothing, but not by next to nothing', () => {
    const dead = { ...contest, usual: 0 };
    const standing = { now: 3000, currentBytes: dead.currentBytes, connections: 0, isOver: false };
    expect([
      evaluateProbe(dead, { ...standing, candidateBytes: 20 * kb }),
      evaluateProbe(dead, { ...standing, candidateBytes: 10 * kb }),
    ]).toEqual(['candidate', 'current']);
  });

  it('is worth a request where more than ten seconds are left, once the rate says something', () => {
    expect([
      shouldProbe(2000, 50 * kb, 501 * kb),
      shouldProbe(2000, 50 * kb, 500 * kb),
      shouldProbe(1999, 50 * kb, 501 * kb),
    ]).toEqual([true, false, false]);
  });
});
