import semver from 'semver';

import { UpdateError } from '../../shared/errors.ts';
import type { Artifact, Release, ReleaseIndex } from '../../shared/release-index.ts';
import type { ReleaseFacts } from './facts.ts';
import { type Step, stepTo } from './step.ts';
import { type Route, routesFrom } from './steps.ts';
import { type Candidate, examine, type Verdict, verdict } from './verdict.ts';

/** A release to install now. */
export interface Offer {
  readonly type: 'offer';
  readonly release: Release;
  readonly artifact: Artifact;
  readonly step: Step;
  /** The version that this step leads to: newer than `release` when that is a stepping stone. */
  readonly towards: string;
  /** This release, or one that the way to `towards` leaps over, is critical. */
  readonly critical: boolean;
  /** Why the other listed releases are not offered, newest first. */
  readonly others: readonly Verdict[];
}

export type Selection = Offer | { readonly type: 'none'; readonly others: readonly Verdict[] };

/** The next step, and the release that it leads to in the end. */
interface Choice extends Candidate {
  readonly step: Step;
  readonly goal: Release;
}

/**
 * Chooses from a verified index what this installation should install next: the first step towards the newest release
 * that can be reached; else a signed rollback (`replaces`); else, if the user agreed, the newest older release. Pure.
 * @throws UpdateError `OPTIONS_INVALID` when the installed version or the floor is no semantic version
 */
export function selectRelease(index: ReleaseIndex, facts: ReleaseFacts): Selection {
  assertVersion(facts.installed, 'The installed version');
  if (facts.versionFloor !== undefined) assertVersion(facts.versionFloor, 'The version floor');

  const results = index.releases.map((release) => examine(release, index, facts)).toSorted(newestFirst);
  const candidates = results.filter((result): result is Candidate => !('reason' in result));
  const wanted = candidates.filter(({ release }) => !isSkipped(release, index, facts));
  const routes = routesFrom(
    facts.installed,
    candidates.map(({ release }) => release),
  );
  const choice =
    upgrade(candidates, wanted, routes) ??
    back('rollback', wanted, index, facts) ??
    back('downgrade', wanted, index, facts);

  const others = results.flatMap((result) => {
    if ('reason' in result) return result;
    return result.release === choice?.release ? [] : notChosen(result.release, choice, routes, index, facts);
  });
  if (choice === undefined) return { type: 'none', others };
  const { release, artifact, step, goal } = choice;
  return {
    type: 'offer',
    release,
    artifact,
    step,
    towards: goal.version,
    critical: isCritical(goal, index, facts),
    others,
  };
}

function upgrade(
  candidates: readonly Candidate[],
  wanted: readonly Candidate[],
  routes: readonly Route[],
): Choice | undefined {
  const route = routes.find(({ goal }) => wanted.some(({ release }) => release === goal));
  const first = candidates.find(({ release }) => release === route?.first);
  return route && first && { ...first, step: 'upgrade', goal: route.goal };
}

function back(
  step: 'rollback' | 'downgrade',
  wanted: readonly Candidate[],
  index: ReleaseIndex,
  facts: ReleaseFacts,
): Choice | undefined {
  const first = wanted.find(({ release }) => stepTo(release, index, facts) === step);
  return first && { ...first, step, goal: first.release };
}

/**
 * Did the user refuse this release? Whoever skips a version does not want an older one either (as in Sparkle), but only
 * that very one when the way leads back. What is critical cannot be skipped.
 */
function isSkipped(release: Release, index: ReleaseIndex, facts: ReleaseFacts): boolean {
  const isUpgrade = semver.gt(release.version, facts.installed);
  const isRefused = facts.skipped?.some(
    (skipped) =>
      semver.valid(skipped) !== null &&
      (isUpgrade ? semver.gte(skipped, release.version) : semver.eq(skipped, release.version)),
  );
  return isRefused === true && !isCritical(release, index, facts);
}

/** Whoever leaps over a critical release gets its fix too, so the leap is as critical as that release. */
export function isCritical(goal: Release, index: ReleaseIndex, facts: ReleaseFacts): boolean {
  return index.releases.some((release) =>
    release === goal
      ? release.critical
      : release.critical &&
        !release.withdrawn &&
        semver.gt(release.version, facts.installed) &&
        semver.lt(release.version, goal.version),
  );
}

/** Why a release that could be run here is not the next step. */
function notChosen(
  release: Release,
  choice: Choice | undefined,
  routes: readonly Route[],
  index: ReleaseIndex,
  facts: ReleaseFacts,
): Verdict {
  const { version } = release;
  if (isSkipped(release, index, facts)) return verdict(version, 'skipped');
  if (semver.lt(version, facts.installed)) {
    return verdict(version, 'older', { installed: facts.installed });
  }
  if (choice === undefined || !routes.some(({ goal }) => goal === release)) {
    return verdict(version, 'requires', { range: release.requires ?? 'another version' });
  }
  return choice.goal === release
    ? verdict(version, 'comes-after', { first: choice.release.version })
    : verdict(version, 'passed-over', { goal: choice.goal.version });
}

function newestFirst(a: Candidate | Verdict, b: Candidate | Verdict): number {
  return semver.compare(versionOf(b), versionOf(a));
}

function versionOf(result: Candidate | Verdict): string {
  return 'reason' in result ? result.version : result.release.version;
}

function assertVersion(version: string, what: string): void {
  if (semver.valid(version) === null) {
    throw new UpdateError(
      'OPTIONS_INVALID',
      `${what} ${JSON.stringify(version)} is not a semantic version such as 1.4.0.`,
    );
  }
}
