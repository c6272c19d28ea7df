import { describe, expect, it } from 'vitest';

import { facts } from '../../../test/support/release-facts.ts';
import { artifactOf, indexOf, releaseOf } from '../../../test/support/release-index.ts';
import type { Release } from '../../shared/release-index.ts';
import type { ReleaseFacts } from './facts.ts';
import { reconsider } from './reconsider.ts';

/** How the first of the releases would be installed now, or why it would not. */
function standing([release, ...others]: readonly [Release, ...Release[]], change: Partial<ReleaseFacts> = {}): string {
  const result = reconsider(release, indexOf([release, ...others]), { ...facts, ...change });
  return 'reason' in result ? result.reason : `${result.step}${result.critical ? ', critical' : ''}`;
}

const staged = releaseOf('1.1.0');

describe('what was chosen before', () => {
  it('is still installed, also when something newer is listed or it was skipped', () => {
    expect([
      standing([staged]),
      standing([staged, releaseOf('1.2.0')]),
      standing([staged], { skipped: ['1.1.0'] }),
      standing([releaseOf('1.2.0'), releaseOf('1.1.0', { critical: true })]),
    ]).toEqual(['upgrade', 'upgrade', 'upgrade', 'upgrade, critical']);
  });

  it('is not installed any more when index or installation say otherwise now', () => {
    expect([
      standing([releaseOf('1.1.0', { withdrawn: true })]),
      standing([staged, releaseOf('1.0.1', { replaces: '1.1.0' })]),
      standing([staged], { quarantined: ['1.1.0'] }),
      standing([staged], { versionFloor: '1.2.0' }),
      standing([staged], { allowed: '~1.0' }),
      standing([releaseOf('1.1.0', { rollout: { basisPoints: 0 } })]),
      standing([releaseOf('1.1.0', { minimumSystemVersion: '7' })]),
      standing([releaseOf('1.1.0', { artifacts: [artifactOf('1.1.0', { kind: 'deb' })] })]),
      standing([releaseOf('1.1.0', { requires: '>=1.0.5' })]),
      standing([staged], { installed: '1.1.0' }),
      standing([staged], { installed: '2.0.0' }),
    ]).toEqual([
      'withdrawn',
      'replaced',
      'quarantined',
      'below-floor',
      'not-allowed',
      'rollout',
      'system',
      'no-artifact',
      'requires',
      'installed',
      'older',
    ]);
  });

  it('is installed although it is older when its publisher signed that, or the user agreed', () => {
    const installed = '2.0.0';
    expect([
      standing([releaseOf('1.1.0', { replaces: '2.0.0' })], { installed }),
      standing([staged], { installed, allowDowngrade: true }),
      standing([staged, releaseOf('2.0.0')], { installed, allowDowngrade: true }),
      standing([staged, releaseOf('2.0.0', { withdrawn: true })], { installed, allowDowngrade: true }),
    ]).toEqual(['rollback', 'downgrade', 'older', 'downgrade']);
  });
});
