import { join } from 'node:path';
import semver from 'semver';

import type { Artifact, ReleaseIndex } from '../../shared/release-index.ts';
import type { ContentStore } from '../content/content-store.ts';

/** An artifact of an older version, and the path of its bytes on this machine. */
export interface Base {
  readonly version: string;
  readonly artifact: Artifact;
  readonly file: string;
}

/**
 * Finds the artifacts of older versions with the same kind and architectures, newest first, and fetches them from the
 * content store into `work`. Skips artifacts whose bytes the store no longer has.
 */
export async function findBases(
  artifact: Artifact,
  version: string,
  indexes: readonly ReleaseIndex[],
  store: ContentStore,
  most: number,
  work: string,
): Promise<readonly Base[]> {
  const found: Base[] = [];
  for (const { version: older, artifact: other } of olderArtifacts(artifact, version, indexes)) {
    if (found.length >= most) break;
    const file = join(work, `${other.sha256}.base`);
    if (await store.fetchTo(other, file)) found.push({ version: older, artifact: other, file });
  }
  return found;
}

function olderArtifacts(
  artifact: Artifact,
  version: string,
  indexes: readonly ReleaseIndex[],
): readonly { readonly version: string; readonly artifact: Artifact }[] {
  const older = new Map<string, Artifact>();
  for (const release of indexes.flatMap((index) => index.releases)) {
    if (!semver.lt(release.version, version) || release.withdrawn) continue;
    const same = release.artifacts.find(
      (other) => other.kind === artifact.kind && other.arches.join() === artifact.arches.join(),
    );
    if (same !== undefined) older.set(release.version, same);
  }
  return [...older]
    .map(([name, other]) => ({ version: name, artifact: other }))
    .toSorted((a, b) => semver.rcompare(a.version, b.version));
}
