import semver from 'semver';

import { UpdateError } from '../../shared/errors.ts';
import type { Artifact, Release, ReleaseIndex } from '../../shared/release-index.ts';
import type { ReleaseFacts } from './facts.ts';
import { type Step, stepTo } from './step.ts';
import { type Route, routesFrom } from './routes.ts';
import { type Candidate, examine, type Verdict, verdict } from './rules.ts';

/** A release to install now. */
export interface Offer {
  readonly type: 'offer';
  readonly release: Release;
  readonly artifact: Artifact;
  readonly step: Step;
  /** The version that this step leads to. Newer than `release` if that is a stepping stone. */
  readonly towards: string;
  /** Whether this release is critical, or one that the route to `towards` skips. */
  readonly critical: boolean;
  /** Why the other listed releases are not offered, newest first. */
  readonly others: readonly Verdict[];
}

export type Selection = Offer | { readonly type: 'none'; readonly others: readonly Verdict[] };

/** The next step and the release that it finally leads to. */
interface Choice extends Candidate {
  readonly step: Step;
  readonly goal: Release;
}

/**
 * Chooses from a verified index what this installation should install next: the first step towards the newest reachable
 * release; else a signed rollback (`replaces`); else, if the user agreed, the newest older release. Pure.
 * @throws UpdateError `OPTIONS_INVALID` if the installed version or the floor is not a semantic version
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
    chooseOlder('rollback', wanted, index, facts) ??
    chooseOlder('downgrade', wanted, index, facts);

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

function chooseOlder(
  step: 'rollback' | 'downgrade',
  wanted: readonly Candidate[],
  index: ReleaseIndex,
  facts: ReleaseFacts,
): Choice | undefined {
  const first = wanted.find(({ release }) => stepTo(release, index, facts) === step);
  return first && { ...first, step, goal: first.release };
}

/**
 * Whether the user skipped this release. A user who skips a version does not want an older one either (as in Sparkle).
 * On the way back to an older version, only the skipped version itself is refused. A critical release cannot be
 * skipped.
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

/** An update that skips over a critical release includes its fix, so the update is as critical as that release. */
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

/** Why a release that could run here is not the next step. */
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
