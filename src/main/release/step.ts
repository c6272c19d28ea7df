import semver from 'semver';

import type { Release, ReleaseIndex } from '../../shared/release-index.ts';
import type { ReleaseFacts } from './facts.ts';
import { mayStep } from './routes.ts';
import { isReplacedBy } from './rules.ts';

/**
 * `rollback`: an older release whose `replaces` names the installed version. `downgrade`: an older release that the
 * user agreed to.
 */
export type Step = 'upgrade' | 'rollback' | 'downgrade';

/** How a release that could run here would directly follow the installed version, or `undefined` if it may not. */
export function stepTo(release: Release, index: ReleaseIndex, facts: ReleaseFacts): Step | undefined {
  const { installed } = facts;
  if (semver.gt(release.version, installed)) return mayStep(installed, release) ? 'upgrade' : undefined;
  if (isReplacedBy(installed, release)) return 'rollback';
  const isAgreed = facts.allowDowngrade === true && !isOfChannel(installed, index);
  return isAgreed && semver.lt(release.version, installed) && mayStep(installed, release) ? 'downgrade' : undefined;
}

/** An installation that runs one of the channel's releases has completed the channel switch. */
function isOfChannel(installed: string, index: ReleaseIndex): boolean {
  return index.releases.some((release) => !release.withdrawn && semver.eq(release.version, installed));
}
