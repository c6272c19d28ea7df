import semver from 'semver';

import type { Artifact, Release, ReleaseIndex } from '../../shared/release-index.ts';
import { archOrder, chooseArtifact } from './artifact.ts';
import { rolloutBucket } from './bucket.ts';
import type { ReleaseFacts } from './facts.ts';
import { rolloutShare } from './rollout.ts';
import { inRange } from './steps.ts';
import { isSystemAtLeast } from './system-version.ts';

/** Why a listed release is not the one to install now. */
export type VerdictReason =
  | 'installed'
  | 'older'
  | 'withdrawn'
  | 'replaced'
  | 'quarantined'
  | 'below-floor'
  | 'not-allowed'
  | 'no-artifact'
  | 'system'
  | 'rollout'
  | 'requires'
  | 'skipped'
  | 'passed-over';

/** One release and, in words for a person, why it is not offered. */
export interface Verdict {
  readonly version: string;
  readonly reason: VerdictReason;
  readonly message: string;
}

/** A release that this installation could run, and the artifact it would install. */
export interface Candidate {
  readonly release: Release;
  readonly artifact: Artifact;
}

/** Everything that holds wherever the installation comes from: what is left are releases that could be run here. */
export function examine(release: Release, index: ReleaseIndex, facts: ReleaseFacts): Candidate | Verdict {
  const { version } = release;
  if (semver.eq(version, facts.installed)) return verdict(version, 'installed', 'is installed');
  if (release.withdrawn) return verdict(version, 'withdrawn', 'was withdrawn by its publisher');
  const replacement = index.releases.find((other) => !other.withdrawn && isReplacedBy(version, other));
  if (replacement !== undefined) return verdict(version, 'replaced', `was replaced by ${replacement.version}`);
  if (facts.quarantined?.some((failed) => semver.eq(failed, version))) {
    return verdict(version, 'quarantined', 'failed on this machine before');
  }
  if (facts.versionFloor !== undefined && semver.lt(version, facts.versionFloor)) {
    return verdict(version, 'below-floor', `is below ${facts.versionFloor}, the oldest version this app accepts`);
  }
  if (facts.allowed !== undefined && !inRange(version, facts.allowed)) {
    return verdict(version, 'not-allowed', `is not among the versions that the administrator allows: ${facts.allowed}`);
  }
  return examineMachine(release, index, facts);
}

function examineMachine(release: Release, index: ReleaseIndex, facts: ReleaseFacts): Candidate | Verdict {
  const { version, minimumSystemVersion } = release;
  const artifact = chooseArtifact(release, index.arch, facts);
  if (artifact === undefined) {
    const wanted = `${facts.kinds.join(', ') || 'no kind'} for ${archOrder(facts).join(', ')}`;
    return verdict(version, 'no-artifact', `has no file for ${index.arch} that fits this installation (${wanted})`);
  }
  if (minimumSystemVersion !== undefined && isSystemAtLeast(facts.systemVersion, minimumSystemVersion) !== true) {
    const system = facts.systemVersion || 'of unknown version';
    return verdict(version, 'system', `needs system version ${minimumSystemVersion}; this one is ${system}`);
  }
  const share = rolloutShare(release, facts.now);
  if (rolloutBucket(facts.installId, index.app, version) >= share) {
    return verdict(
      version,
      'rollout',
      `is being rolled out to ${percent(share)} of installations, not yet to this one`,
    );
  }
  return { release, artifact };
}

/** Is `version` newer than a release that says it replaces it? Then it must not be offered again. */
export function isReplacedBy(version: string, release: Release): boolean {
  return release.replaces !== undefined && semver.lt(release.version, version) && inRange(version, release.replaces);
}

export function verdict(version: string, reason: VerdictReason, words: string): Verdict {
  return { version, reason, message: `${version} ${words}.` };
}

function percent(basisPoints: number): string {
  return `${basisPoints / 100} %`;
}
