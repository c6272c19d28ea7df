import semver from 'semver';

import type { Release, ReleaseIndex } from '../../shared/release-index.ts';
import type { ReleaseFacts } from './facts.ts';
import { isCritical, type Offer } from './select.ts';
import { stepTo } from './step.ts';
import { examine, type Verdict, verdict } from './verdict.ts';

/** What a release that was chosen before is now. */
export type Reconsidered = Pick<Offer, 'release' | 'artifact' | 'step' | 'critical'>;

/**
 * May a release that was chosen before still be installed? The very rules of {@link selectRelease}, over what index and
 * installation say now; only that something better is listed, or that it was skipped, is no reason against what a person
 * has already downloaded. Pure.
 */
export function reconsider(release: Release, index: ReleaseIndex, facts: ReleaseFacts): Reconsidered | Verdict {
  const result = examine(release, index, facts);
  if ('reason' in result) return result;
  const step = stepTo(release, index, facts);
  if (step !== undefined) return { ...result, step, critical: isCritical(release, index, facts) };
  const { version } = release;
  return semver.gt(version, facts.installed)
    ? verdict(version, 'requires', { range: release.requires ?? 'another version' })
    : verdict(version, 'older', { installed: facts.installed });
}
