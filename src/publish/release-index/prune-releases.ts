import semver from 'semver';

import { routesFrom } from '../../main/release/routes.ts';
import { UpdateError } from '../../shared/errors.ts';
import { maxReleases, type Release } from '../../shared/release-index.ts';

/**
 * Shortens a list of releases (newest first) to the limit of an index. Removes the oldest first, but never a stepping
 * stone: the remaining releases stay reachable from the same installed versions, and every version that could update
 * still can.
 * @throws UpdateError `PUBLISH_INPUT` if every release is needed
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

/** Installed versions that represent all others: each listed one, the oldest that each `requires` admits, and 0.0.0. */
function startsOf(releases: readonly Release[]): readonly string[] {
  const oldestAdmitted = releases.flatMap(({ requires }) =>
    requires === undefined
      ? []
      : requires.split('||').flatMap((alternative) => semver.minVersion(alternative)?.version ?? []),
  );
  return [...new Set(['0.0.0', ...releases.map((release) => release.version), ...oldestAdmitted])];
}
