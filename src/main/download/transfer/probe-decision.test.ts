import { describe, expect, it } from 'vitest';

import { type Probe, shouldProbe, evaluateProbe, type ProbeSample } from './probe-decision.ts';

const kb = 1000;
const probe: Probe = { since: 0, currentRate: 50 * kb, currentBytes: 500 * kb, candidateBytes: 0 };

function after(seconds: number, sample: Partial<ProbeSample>): ReturnType<typeof evaluateProbe> {
  return evaluateProbe(probe, {
    now: seconds * 1000,
    currentBytes: probe.currentBytes + 50 * kb * seconds,
    candidateBytes: 0,
    connections: 1,
    isOver: false,
    ...sample,
  });
}

describe('a probe of another mirror', () => {
  it('lasts three seconds, unless the request to the candidate ends earlier', () => {
    expect({
      tooEarly: after(2.9, { candidateBytes: 900 * kb }),
      afterThreeSeconds: after(3, { candidateBytes: 900 * kb }),
      overEarly: after(0.5, { candidateBytes: 64 * kb, isOver: true }),
    }).toEqual({
      tooEarly: 'open',
      afterThreeSeconds: 'candidate',
      overEarly: 'candidate',
    });
  });

  it('is won with twice the rate per connection, not with less', () => {
    expect({
      twiceTheRate: after(3, { candidateBytes: 300 * kb }),
      less: after(3, { candidateBytes: 299 * kb }),
      // Four connections that give 200 kB/s together.
      lessThanAConnectionOfFour: after(3, { candidateBytes: 299 * kb, currentBytes: 1100 * kb, connections: 4 }),
    }).toEqual({
      twiceTheRate: 'candidate',
      less: 'current',
      lessThanAConnectionOfFour: 'current',
    });
  });

  it('does not count against the current mirror if the line became slower or the candidate takes its share', () => {
    expect(after(3, { candidateBytes: 200 * kb, currentBytes: probe.currentBytes })).toBe('current');
  });

  it('is won against a silent mirror, but not with almost no bytes', () => {
    const dead = { ...probe, currentRate: 0 };
    const sample = { now: 3000, currentBytes: dead.currentBytes, connections: 0, isOver: false };
    expect([
      evaluateProbe(dead, { ...sample, candidateBytes: 20 * kb }),
      evaluateProbe(dead, { ...sample, candidateBytes: 10 * kb }),
    ]).toEqual(['candidate', 'current']);
  });

  it('is worth a request if more than ten seconds are left and the rate is meaningful', () => {
    expect({
      longEnough: shouldProbe(2000, 50 * kb, 501 * kb),
      tooShort: shouldProbe(2000, 50 * kb, 500 * kb),
      tooEarly: shouldProbe(1999, 50 * kb, 501 * kb),
    }).toEqual({
      longEnough: true,
      tooShort: false,
      tooEarly: false,
    });
  });
});
