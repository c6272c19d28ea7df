import { expect, it } from 'vitest';

import { heldBackOf } from './held-back.ts';
import { verdict } from './verdict.ts';

it('finds the newest version that is kept from this installation', () => {
  const others = [
    verdict('1.4.0', 'withdrawn', 'was withdrawn'),
    verdict('1.3.0', 'rollout', 'is not here yet'),
    verdict('1.2.0', 'system', 'needs more'),
    verdict('1.0.0', 'not-allowed', 'is older, and not allowed either'),
  ];
  expect([
    heldBackOf({ type: 'none', others }, '1.1.0')?.message,
    heldBackOf({ type: 'none', others }, '1.3.0'),
    heldBackOf({ type: 'offer', others } as never, '1.1.0'),
  ]).toEqual(['1.3.0 is not here yet.', undefined, undefined]);
});
