import { isDeepStrictEqual } from 'node:util';
import semver from 'semver';

import type { ReleaseQuery } from '../../main/ports.ts';
import { UpdateError } from '../../shared/errors.ts';
import { type Artifact, parseReleaseIndex, type Release, type ReleaseIndex } from '../../shared/release-index.ts';
import { assertPolicy, type ReleasePolicy } from './release-policy.ts';
import { type IndexKeys, keyFields } from './hand-over.ts';
import { pruneReleases } from './prune-releases.ts';

/** A version as the index should list it. */
export interface ReleaseDraft {
  readonly version: string;
  /** ISO 8601. A release that is already listed keeps its own. */
  readonly releasedAt: string;
  readonly artifacts: readonly Artifact[];
  readonly policy: ReleasePolicy;
  /** What a new release begins with where `policy` says nothing; a release that is listed already keeps its own. */
  readonly defaults?: ReleasePolicy;
}

export interface MergedIndex {
  /** The previous index itself if nothing changed. */
  readonly index: ReleaseIndex;
  readonly changed: boolean;
  /** Versions that were removed to stay within the limit. */
  readonly dropped: readonly string[];
}

/**
 * Merges a draft into the previous index: newest release first, one revision higher. Merging the same draft again
 * changes nothing. Pure.
 * @throws UpdateError `PUBLISH_IMMUTABLE`, `PUBLISH_INPUT`
 */
export function mergeRelease(
  query: ReleaseQuery,
  previous: ReleaseIndex | undefined,
  draft: ReleaseDraft,
  keys: IndexKeys = previous ?? {},
): MergedIndex {
  const listed = previous?.releases.find((release) => release.version === draft.version);
  const merged = listed === undefined ? newRelease(draft) : updated(listed, draft);
  assertPolicy(merged);
  const others = previous?.releases.filter((release) => release !== listed) ?? [];
  return nextIndex(query, previous, [merged, ...others], keys);
}

/**
 * Changes the policy of a listed release, for example to withdraw it.
 * @throws UpdateError `PUBLISH_INPUT` if the index does not list it
 */
export function changePolicy(
  query: ReleaseQuery,
  previous: ReleaseIndex,
  version: string,
  policy: ReleasePolicy,
): MergedIndex {
  const listed = previous.releases.find((release) => release.version === version);
  if (listed === undefined) {
    const known = previous.releases.map((release) => release.version).join(', ');
    throw new UpdateError('PUBLISH_INPUT', `${version} is not listed on this channel. Listed versions: ${known}.`);
  }
  const changed = { ...listed, ...policy };
  assertPolicy(changed);
  const releases = previous.releases.map((release) => (release === listed ? changed : release));
  return nextIndex(query, previous, releases, previous);
}

/** Changes the publisher keys that an index names, and nothing else. */
export function changeKeys(query: ReleaseQuery, previous: ReleaseIndex, keys: IndexKeys): MergedIndex {
  return nextIndex(query, previous, previous.releases, keys);
}

function newRelease({ version, releasedAt, artifacts, policy, defaults }: ReleaseDraft): Release {
  return { version, releasedAt, notes: {}, critical: false, withdrawn: false, ...defaults, ...policy, artifacts };
}

function updated(listed: Release, draft: ReleaseDraft): Release {
  if (listed.withdrawn && draft.policy.withdrawn === undefined) throw stillWithdrawn(listed.version);
  const artifacts = [...listed.artifacts];
  for (const artifact of draft.artifacts) {
    const place = artifacts.findIndex((other) => other.path === artifact.path);
    if (place === -1) {
      assertNotHidden(artifact, artifacts);
      artifacts.push(artifact);
    } else if (artifacts[place]?.sha256 === artifact.sha256) artifacts[place] = artifact;
    else {
      throw new UpdateError(
        'PUBLISH_IMMUTABLE',
        `${artifact.path} is already published with other bytes. A published file never changes: build a new version.`,
        { details: { path: artifact.path } },
      );
    }
  }
  return { ...listed, ...draft.policy, artifacts };
}

/** Of two files of one kind and architecture, clients take the first: the second would reach nobody. */
function assertNotHidden(artifact: Artifact, listed: readonly Artifact[]): void {
  const { kind, path } = artifact;
  const other = listed.find((one) => one.kind === kind && one.arches.some((arch) => artifact.arches.includes(arch)));
  if (other === undefined) return;
  throw new UpdateError(
    'PUBLISH_IMMUTABLE',
    `${other.path} is published as the ${kind} of this version: ${path} would reach nobody. Raise the version and build again.`,
    { details: { path, published: other.path } },
  );
}

function stillWithdrawn(version: string): UpdateError {
  return new UpdateError(
    'PUBLISH_INPUT',
    `${version} was withdrawn from this channel: publishing it again would reach nobody. Build a newer version, or offer this one again with "electron-tuf publish --unwithdraw ${version}".`,
    { details: { version } },
  );
}

function nextIndex(
  query: ReleaseQuery,
  previous: ReleaseIndex | undefined,
  releases: readonly Release[],
  keys: IndexKeys,
): MergedIndex {
  const sorted = releases.toSorted((a, b) => semver.compareBuild(b.version, a.version));
  const kept = pruneReleases(sorted);
  const dropped = sorted.filter((release) => !kept.includes(release)).map((release) => release.version);
  const { app, channel, target } = query;
  const revision = (previous?.revision ?? 0) + 1;
  const index = checked({ schema: 1, revision, app, channel, ...target, ...keyFields(keys), releases: kept });
  if (previous !== undefined && isDeepStrictEqual(index, sameBut(previous, revision))) {
    return { index: previous, changed: false, dropped: [] };
  }
  return { index, changed: true, dropped };
}

/** A previous index with the fields that every new revision changes. */
function sameBut({ previous: _from, ...index }: ReleaseIndex, revision: number): ReleaseIndex {
  return { ...index, revision };
}

/** Checks that clients can read the index. @throws UpdateError `PUBLISH_INPUT` */
function checked(index: ReleaseIndex): ReleaseIndex {
  try {
    return parseReleaseIndex(index);
  } catch (error) {
    if (!(error instanceof UpdateError)) throw error;
    throw new UpdateError('PUBLISH_INPUT', `The release cannot be published. ${error.message}`, { cause: error });
  }
}
