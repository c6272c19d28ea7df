import semver from 'semver';

import { routesFrom } from '../../main/release/steps.ts';
import { UpdateError } from '../../shared/errors.ts';
import { maxReleases, type Release } from '../../shared/release-index.ts';

/**
 * Shortens a list (newest first) to what one index may hold. The oldest releases go first, but never one that is
 * needed as a stepping stone: whatever stays listed can be reached from the same installed versions as before, and no
 * version that could be updated is left without an update.
 * @throws UpdateError `PUBLISH_INPUT` when every release is needed
 */
export function pruneReleases(releases: readonly Release[], limit: number = maxReleases): readonly Release[] {
  let kept = releases;
  while (kept.length > limit) {
    const starts = startsOf(kept);
    const victim = kept.slice(1).findLast((release) => isSpare(release, kept, starts));
    if (victim === undefined) {
      throw new UpdateError(
        'PUBLISH_INPUT',
        `The index holds ${limit} releases that are all needed as stepping stones ("requires"). Publish a release that can be installed over older versions.`,
      );
    }
    kept = kept.filter((release) => release !== victim);
  }
  return kept;
}

function isSpare(candidate: Release, releases: readonly Release[], starts: readonly string[]): boolean {
  const rest = releases.filter((release) => release !== candidate);
  return starts.every((start) => {
    const before = reachable(start, releases);
    const after = reachable(start, rest);
    const same = before.filter((version) => version !== candidate.version).every((version) => after.includes(version));
    return same && (after.length > 0 || before.length === 0);
  });
}

function reachable(start: string, releases: readonly Release[]): readonly string[] {
  return routesFrom(
    start,
    releases.filter((release) => !release.withdrawn),
  ).map((route) => route.goal.version);
}

/** Installed versions that stand for all others: each listed one, the oldest that each `requires` admits, and 0.0.0. */
function startsOf(releases: readonly Release[]): readonly string[] {
  const oldestAdmitted = releases.flatMap(({ requires }) =>
    requires === undefined
      ? []
      : requires.split('||').flatMap((alternative) => semver.minVersion(alternative)?.version ?? []),
  );
  return [...new Set(['0.0.0', ...releases.map((release) => release.version), ...oldestAdmitted])];
}
