import { describe, expect, it } from 'vitest';

import { facts } from '../../../test/support/release-facts.ts';
import { artifactOf, indexOf, releaseOf } from '../../../test/support/release-index.ts';
import type { Release } from '../../shared/release-index.ts';
import type { ReleaseFacts } from './facts.ts';
import { reconsider } from './reconsider.ts';

/** How the first release would be installed now, or why it would not. */
function standing([release, ...others]: readonly [Release, ...Release[]], change: Partial<ReleaseFacts> = {}): string {
  const result = reconsider(release, indexOf([release, ...others]), { ...facts, ...change });
  return 'reason' in result ? result.reason : `${result.step}${result.critical ? ', critical' : ''}`;
}

const staged = releaseOf('1.1.0');

describe('a release that was chosen before', () => {
  it('is still installed, even if a newer one is listed or it was skipped', () => {
    expect({
      listed: standing([staged]),
      newerListed: standing([staged, releaseOf('1.2.0')]),
      skipped: standing([staged], { skipped: ['1.1.0'] }),
      newerThanCritical: standing([releaseOf('1.2.0'), releaseOf('1.1.0', { critical: true })]),
    }).toEqual({
      listed: 'upgrade',
      newerListed: 'upgrade',
      skipped: 'upgrade',
      newerThanCritical: 'upgrade, critical',
    });
  });

  it('is not installed any more if the index or the installation now forbids it', () => {
    expect({
      withdrawn: standing([releaseOf('1.1.0', { withdrawn: true })]),
      replaced: standing([staged, releaseOf('1.0.1', { replaces: '1.1.0' })]),
      quarantined: standing([staged], { quarantined: ['1.1.0'] }),
      belowFloor: standing([staged], { versionFloor: '1.2.0' }),
      notAllowed: standing([staged], { allowed: '~1.0' }),
      rollout: standing([releaseOf('1.1.0', { rollout: { basisPoints: 0 } })]),
      system: standing([releaseOf('1.1.0', { minimumSystemVersion: '7' })]),
      noArtifact: standing([releaseOf('1.1.0', { artifacts: [artifactOf('1.1.0', { kind: 'deb' })] })]),
      requires: standing([releaseOf('1.1.0', { requires: '>=1.0.5' })]),
      installed: standing([staged], { installed: '1.1.0' }),
      older: standing([staged], { installed: '2.0.0' }),
    }).toEqual({
      withdrawn: 'withdrawn',
      replaced: 'replaced',
      quarantined: 'quarantined',
      belowFloor: 'below-floor',
      notAllowed: 'not-allowed',
      rollout: 'rollout',
      system: 'system',
      noArtifact: 'no-artifact',
      requires: 'requires',
      installed: 'installed',
      older: 'older',
    });
  });

  it('is installed despite being older if the publisher signed that or the user agreed', () => {
    const installed = '2.0.0';
    expect({
      replaces: standing([releaseOf('1.1.0', { replaces: '2.0.0' })], { installed }),
      agreed: standing([staged], { installed, allowDowngrade: true }),
      installedIsListed: standing([staged, releaseOf('2.0.0')], { installed, allowDowngrade: true }),
      installedIsWithdrawn: standing([staged, releaseOf('2.0.0', { withdrawn: true })], {
        installed,
        allowDowngrade: true,
      }),
    }).toEqual({
      replaces: 'rollback',
      agreed: 'downgrade',
      installedIsListed: 'older',
      installedIsWithdrawn: 'downgrade',
    });
  });
});
