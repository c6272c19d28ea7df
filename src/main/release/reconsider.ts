import semver from 'semver';

import type { Release, ReleaseIndex } from '../../shared/release-index.ts';
import type { ReleaseFacts } from './facts.ts';
import { isCritical, type Offer } from './select.ts';
import { stepTo } from './step.ts';
import { examine, type Verdict, verdict } from './rules.ts';

/** The current standing of a release that was chosen before. */
export type Reconsidered = Pick<Offer, 'release' | 'artifact' | 'step' | 'critical'>;

/**
 * Whether a release that was chosen before may still be installed. Applies the same rules as {@link selectRelease} to
 * the current index and installation, with two exceptions: a better release in the index, or a skip, does not stop the
 * installation of a release that the user has already downloaded. Pure.
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
