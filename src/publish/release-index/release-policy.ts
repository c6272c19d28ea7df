import semver from 'semver';

import { UpdateError } from '../../shared/errors.ts';
import type { Release } from '../../shared/release-index.ts';

/** A publisher's policy for a release. Absent fields keep their value; in a new release they get the default. */
export type ReleasePolicy = Partial<
  Pick<
    Release,
    'notes' | 'critical' | 'minimumSystemVersion' | 'requires' | 'replaces' | 'dataVersion' | 'rollout' | 'withdrawn'
  >
>;

/**
 * Refuses policies that are well-formed but contradict themselves.
 * @throws UpdateError `PUBLISH_INPUT`
 */
export function assertPolicy(release: Release): void {
  const { version, rollout, requires, replaces } = release;
  const start = Date.parse(rollout?.startsAt ?? release.releasedAt);
  if (rollout?.completeAt !== undefined && Date.parse(rollout.completeAt) <= start) {
    throw new UpdateError('PUBLISH_INPUT', 'The rollout must be complete after it starts.');
  }
  if (isRange(requires) && semver.ltr(version, requires)) {
    throw new UpdateError(
      'PUBLISH_INPUT',
      `No version older than ${version} matches --requires "${requires}". Give a range of older versions that can update to it.`,
    );
  }
  if (isRange(replaces) && semver.gtr(version, replaces)) {
    throw new UpdateError(
      'PUBLISH_INPUT',
      `No version newer than ${version} matches --replaces "${replaces}". Give a range of newer versions that this release replaces.`,
    );
  }
}

function isRange(text: string | undefined): text is string {
  return text !== undefined && semver.validRange(text) !== null;
}
