import semver from 'semver';

import { omitUndefined } from '../../shared/omit-undefined.ts';
import type { ReleaseIndex } from '../../shared/release-index.ts';
import type { ListedRelease } from '../../shared/state.ts';
import { chooseArtifact } from './artifact.ts';
import type { ReleaseFacts } from './facts.ts';
import { rolloutShare } from './rollout.ts';

/** The releases in an index with the details that apps show, newest first. Pure. */
export function listedReleases(index: ReleaseIndex, facts: ReleaseFacts): readonly ListedRelease[] {
  const releases = index.releases.toSorted((one, other) => semver.compare(other.version, one.version));
  return releases.map((release) => {
    const { version, releasedAt, notes, critical, withdrawn, minimumSystemVersion } = release;
    const share = rolloutShare(release, facts.now);
    const artifact = chooseArtifact(release, index.arch, facts);
    const name = artifact?.path.split('/').at(-1) ?? '';
    return {
      version,
      releasedAt,
      notes,
      critical,
      withdrawn,
      ...omitUndefined({
        minimumSystemVersion,
        rolloutPercent: share === 10_000 ? undefined : share / 100,
        file: artifact && { name, size: artifact.length, sha256: artifact.sha256 },
      }),
    };
  });
}
