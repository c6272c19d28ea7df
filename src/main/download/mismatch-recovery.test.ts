import { describe, expect, it } from 'vitest';

import { remedy } from './mismatch-recovery.ts';

const [a, b] = [
  { url: 'a', bytes: 10 },
  { url: 'b', bytes: 20 },
];

describe('remedy', () => {
  it('accuses a mirror that gave everything', () => {
    expect(remedy([a], ['a', 'b'], false)).toEqual({ type: 'accuse', url: 'a' });
  });

  it('accuses nobody for bytes of an earlier run', () => {
    expect(remedy([a], ['a', 'b'], true)).toEqual({ type: 'restart' });
  });

  it('completes a mixture from its largest contributor that is still there', () => {
    expect([remedy([a, b], ['a', 'b'], false), remedy([a, b], ['a'], true)]).toEqual([
      { type: 'keep', url: 'b' },
      { type: 'keep', url: 'a' },
    ]);
  });

  it('begins anew when no contributor is left', () => {
    expect(remedy([a, b], ['c'], true)).toEqual({ type: 'restart' });
  });
});
