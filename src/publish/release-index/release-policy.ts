import semver from 'semver';

import { UpdateError } from '../../shared/errors.ts';
import type { Release } from '../../shared/release-index.ts';

/** What a publisher says about a release. What is absent stays as it was, or takes a new release's default. */
export type ReleasePolicy = Partial<
  Pick<
    Release,
    'notes' | 'critical' | 'minimumSystemVersion' | 'requires' | 'replaces' | 'dataVersion' | 'rollout' | 'withdrawn'
  >
>;

/**
 * Refuses policies that are well-formed and cannot be meant.
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
      `No version older than ${version} fulfils --requires "${requires}". Name older versions that may be updated to it.`,
    );
  }
  if (isRange(replaces) && semver.gtr(version, replaces)) {
    throw new UpdateError(
      'PUBLISH_INPUT',
      `No version newer than ${version} fulfils --replaces "${replaces}". Name newer versions that this release takes back.`,
    );
  }
}

function isRange(text: string | undefined): text is string {
  return text !== undefined && semver.validRange(text) !== null;
}
