import { isDeepStrictEqual } from 'node:util';

import type { Release, ReleaseIndex } from '../../shared/release-index.ts';

/** Summarizes the change between two indexes for people: `1.6.0 added, 1.4.5 withdrawn`. Pure. */
export function describeChange(before: ReleaseIndex | undefined, after: ReleaseIndex): string {
  const old = new Map(before?.releases.map((release) => [release.version, release]));
  const kept = new Set(after.releases.map(({ version }) => version));
  const words = [
    ...after.releases.flatMap((release) => describeRelease(old.get(release.version), release)),
    ...[...old.keys()].filter((version) => !kept.has(version)).map((version) => `${version} removed`),
    ...(isDeepStrictEqual(before?.publisher, after.publisher) ? [] : ['publisher keys changed']),
  ];
  return words.join(', ') || 'no release changed';
}

function describeRelease(before: Release | undefined, after: Release): readonly string[] {
  const { version } = after;
  if (before === undefined) return [`${version} added`];
  if (isDeepStrictEqual(before, after)) return [];
  if (before.withdrawn !== after.withdrawn) return [`${version} ${after.withdrawn ? 'withdrawn' : 'restored'}`];
  return [`${version} changed`];
}
