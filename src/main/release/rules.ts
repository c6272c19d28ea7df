import semver from 'semver';

import { fillText } from '../../shared/fill-text.ts';
import type { Artifact, Release, ReleaseIndex } from '../../shared/release-index.ts';
import { archOrder, chooseArtifact } from './artifact.ts';
import type { ReleaseFacts } from './facts.ts';
import { isInRollout, rolloutShare } from './rollout.ts';
import { inRange } from './routes.ts';
import { isSystemAtLeast } from './system-version.ts';

/** Why a listed release is not the one to install now, in English. */
const sentences = {
  installed: '{version} is installed.',
  older: '{version} is older than the installed {installed}.',
  withdrawn: '{version} was withdrawn by its publisher.',
  replaced: '{version} was replaced by {by}.',
  quarantined: '{version} failed on this machine before.',
  'below-floor': '{version} is below {floor}, the oldest version this app accepts.',
  'not-allowed': '{version} is not among the versions that the administrator allows: {range}.',
  'no-artifact': '{version} has no file for {arch} that fits this installation ({wanted}).',
  system: '{version} needs system version {needed}; this one is {system}.',
  rollout: '{version} is being rolled out to {share} of installations, not yet to this one.',
  requires: '{version} can be installed only over {range}.',
  skipped: '{version} was skipped by the user.',
  'comes-after': '{version} comes after {first}, which must be installed first.',
  'passed-over': '{version} is passed over in favour of {goal}.',
} as const;

export type VerdictReason = keyof typeof sentences;

/** One release, and why it is not offered. */
export interface Verdict {
  readonly version: string;
  readonly reason: VerdictReason;
  /** The values for the placeholders in the sentence. */
  readonly params: Readonly<Record<string, string>>;
  /** The sentence for the user, in English. */
  readonly message: string;
}

/** A release that could run on this installation, and the artifact that it would install. */
export interface Candidate {
  readonly release: Release;
  readonly artifact: Artifact;
}

/** Applies the rules that do not depend on the installed version. A candidate could run on this installation. */
export function examine(release: Release, index: ReleaseIndex, facts: ReleaseFacts): Candidate | Verdict {
  const { version } = release;
  if (semver.eq(version, facts.installed)) return verdict(version, 'installed');
  if (release.withdrawn) return verdict(version, 'withdrawn');
  const replacement = index.releases.find((other) => !other.withdrawn && isReplacedBy(version, other));
  if (replacement !== undefined) return verdict(version, 'replaced', { by: replacement.version });
  if (facts.quarantined?.some((failed) => semver.eq(failed, version))) {
    return verdict(version, 'quarantined');
  }
  if (facts.versionFloor !== undefined && semver.lt(version, facts.versionFloor)) {
    return verdict(version, 'below-floor', { floor: facts.versionFloor });
  }
  if (facts.allowed !== undefined && !inRange(version, facts.allowed)) {
    return verdict(version, 'not-allowed', { range: facts.allowed });
  }
  return examineMachine(release, index, facts);
}

function examineMachine(release: Release, index: ReleaseIndex, facts: ReleaseFacts): Candidate | Verdict {
  const { version, minimumSystemVersion } = release;
  const artifact = chooseArtifact(release, index.arch, facts);
  if (artifact === undefined) {
    const wanted = `${facts.kinds.join(', ') || 'no kind'} for ${archOrder(facts).join(', ')}`;
    return verdict(version, 'no-artifact', { arch: index.arch, wanted });
  }
  if (minimumSystemVersion !== undefined && isSystemAtLeast(facts.systemVersion, minimumSystemVersion) !== true) {
    const system = facts.systemVersion || 'of unknown version';
    return verdict(version, 'system', { needed: minimumSystemVersion, system });
  }
  if (!isInRollout(release, { installId: facts.installId, app: index.app }, facts.now)) {
    return verdict(version, 'rollout', { share: percent(rolloutShare(release, facts.now)) });
  }
  return { release, artifact };
}

/** Whether `version` is newer than a release that replaces it. If so, `version` must not be offered again. */
export function isReplacedBy(version: string, release: Release): boolean {
  return release.replaces !== undefined && semver.lt(release.version, version) && inRange(version, release.replaces);
}

export function verdict(version: string, reason: VerdictReason, facts: Readonly<Record<string, string>> = {}): Verdict {
  const params = { version, ...facts };
  return { version, reason, params, message: fillText(sentences[reason], params) };
}

function percent(basisPoints: number): string {
  return `${basisPoints / 100} %`;
}
