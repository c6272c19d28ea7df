import { expect, it } from 'vitest';

import { heldBackOf } from './held-back.ts';
import { verdict } from './rules.ts';

it('finds the newest version that this installation does not get yet', () => {
  const others = [
    verdict('1.4.0', 'withdrawn'),
    verdict('1.3.0', 'rollout', { share: '5 %' }),
    verdict('1.2.0', 'system', { needed: '9', system: '8' }),
    verdict('1.0.0', 'not-allowed', { range: '>=1' }),
  ];
  expect({
    newer: heldBackOf({ type: 'none', others }, '1.1.0'),
    newestInstalled: heldBackOf({ type: 'none', others }, '1.3.0'),
    offered: heldBackOf({ type: 'offer', others } as never, '1.1.0'),
  }).toEqual({
    newer: {
      version: '1.3.0',
      reason: 'rollout',
      params: { version: '1.3.0', share: '5 %' },
      message: '1.3.0 is being rolled out to 5 % of installations, not yet to this one.',
    },
    newestInstalled: undefined,
    offered: undefined,
  });
});
