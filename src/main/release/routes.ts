import semver from 'semver';

import type { Release } from '../../shared/release-index.ts';

/** A reachable release and the first step of the shortest route to it. */
export interface Route {
  readonly goal: Release;
  readonly first: Release;
}

/**
 * Semver's rules, but with pre-releases ordered by precedence: `1.3.0-beta.1` is in `>=1.2.0`, not in `>=1.3.0`. The
 * channel decides which pre-releases users get, never a range.
 */
export function inRange(version: string, range: string): boolean {
  return semver.satisfies(version, range, { includePrerelease: true });
}

/** Whether `version` can be updated directly to this release. */
export function mayStep(version: string, release: Release): boolean {
  return release.requires === undefined || inRange(version, release.requires);
}

/**
 * The routes upwards from a version through releases whose `requires` demand stepping stones, newest goal first. Among
 * the routes to one goal it is the one with the fewest steps, and of those the one with the newest first step.
 */
export function routesFrom(installed: string, releases: readonly Release[]): readonly Route[] {
  const newestFirst = releases
    .filter((release) => semver.gt(release.version, installed))
    .toSorted((a, b) => semver.compare(b.version, a.version));
  const firstStep = new Map<Release, Release>();
  let frontier: readonly { readonly version: string; readonly first?: Release }[] = [{ version: installed }];
  while (frontier.length > 0) {
    const next: { version: string; first: Release }[] = [];
    for (const { version, first } of frontier) {
      for (const release of newestFirst) {
        if (firstStep.has(release) || !semver.gt(release.version, version) || !mayStep(version, release)) continue;
        firstStep.set(release, first ?? release);
        next.push({ version: release.version, first: first ?? release });
      }
    }
    frontier = next;
  }
  return newestFirst.flatMap((goal) => {
    const first = firstStep.get(goal);
    return first === undefined ? [] : [{ goal, first }];
  });
}
