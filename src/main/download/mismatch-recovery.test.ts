import { describe, expect, it } from 'vitest';

import { planMismatchRecovery } from './mismatch-recovery.ts';

const [a, b] = [
  { url: 'a', bytes: 10 },
  { url: 'b', bytes: 20 },
];

describe('planMismatchRecovery', () => {
  it('bans a mirror that served every byte', () => {
    expect(planMismatchRecovery([a], ['a', 'b'], false)).toEqual({ type: 'ban-mirror', url: 'a' });
  });

  it('bans no mirror for bytes of an earlier run', () => {
    expect(planMismatchRecovery([a], ['a', 'b'], true)).toEqual({ type: 'restart' });
  });

  it('completes a mixed file from its largest contributor that is still usable', () => {
    expect([planMismatchRecovery([a, b], ['a', 'b'], false), planMismatchRecovery([a, b], ['a'], true)]).toEqual([
      { type: 'keep-mirror', url: 'b' },
      { type: 'keep-mirror', url: 'a' },
    ]);
  });

  it('starts over when no contributor is left', () => {
    expect(planMismatchRecovery([a, b], ['c'], true)).toEqual({ type: 'restart' });
  });
});
