import { isDeepStrictEqual } from 'node:util';

import type { ReleaseQuery } from '../main/ports.ts';
import { UpdateError } from '../shared/errors.ts';
import { arches, formatPlatformTarget, platforms } from '../shared/platform-target.ts';
import type { PublisherKeySet } from '../shared/publisher-keys.ts';
import type { Artifact } from '../shared/release-index.ts';
import { releaseIndexPath } from '../shared/target-path.ts';
import { type Build, readBuild, type ReadBuildOptions } from './build/read-build.ts';
import type { SigningKey } from './keys/key-file.ts';
import { planRelease, type ReleasePlan } from './plan.ts';
import { publishArtifacts } from './publish-artifacts.ts';
import { assertEnoughSignatures, type IndexEnvelope, publishIndexes, queryOf, signIndex } from './publish-indexes.ts';
import { type Publisher, type PublisherOptions, withPublisher } from './publisher.ts';
import { changePolicy, type MergedIndex, mergeRelease, type ReleaseDraft } from './release/merge-index.ts';
import type { ReleasePolicy } from './release/policy.ts';

export interface ReleaseOptions extends PublisherOptions {
  /** A threshold of publisher keys, unless the release is only prepared. */
  readonly keys: readonly SigningKey[];
}

export interface ChangeOptions extends ReleaseOptions {
  readonly version: string;
  readonly policy: ReleasePolicy;
}

export interface BuildOptions extends ReleaseOptions, Omit<ReadBuildOptions, 'channel' | 'onProgress'> {
  readonly policy: ReleasePolicy;
  /** A newer set of publisher keys that the index hands on to; both sets must sign. */
  readonly nextPublisher?: PublisherKeySet;
}

export interface PublishedIndex {
  readonly path: string;
  readonly platform: string;
  readonly revision: number;
  readonly changed: boolean;
  /** Versions that are no longer listed. */
  readonly dropped: readonly string[];
}

/** What was published, as plain data. */
export interface PublishReport {
  readonly app: string;
  readonly channel: string;
  readonly version: string;
  readonly artifacts: readonly {
    readonly path: string;
    readonly kind: string;
    /** Bytes. */
    readonly length: number;
    readonly sha256: string;
  }[];
  /** How many files were registered anew; 0 when all was there. */
  readonly registered: number;
  readonly indexes: readonly PublishedIndex[];
  /** Files of the build that no install hook takes. */
  readonly ignored: readonly string[];
}

/** A release whose files are published and whose indexes wait for signatures. */
export interface PreparedRelease {
  readonly report: PublishReport;
  readonly envelopes: readonly IndexEnvelope[];
}

/**
 * Publishes a directory that electron-builder wrote: artifacts first, the release index last and only when a client
 * can get the artifacts. Running it again after any interruption finishes the work; running it once more changes nothing.
 * @throws UpdateError with a `PUBLISH_…` code
 */
export async function publishBuild(options: BuildOptions): Promise<PublishReport> {
  return withBuild(options, async (publisher, plan, merged, build) => {
    const signed = signChanged(merged, options);
    for (const envelope of signed) assertEnoughSignatures(envelope, options.config);
    const registered = await publishArtifacts(publisher, plan.artifacts);
    if (signed.length > 0) await publishIndexes(publisher, signed);
    return reportOf(publisher, plan, merged, build, registered);
  });
}

/** As {@link publishBuild}, but the indexes are returned instead of published: more people must sign them. */
export async function prepareBuild(options: BuildOptions): Promise<PreparedRelease> {
  return withBuild(options, async (publisher, plan, merged, build) => {
    const registered = await publishArtifacts(publisher, plan.artifacts);
    const report = reportOf(publisher, plan, merged, build, registered);
    return { report, envelopes: signChanged(merged, options) };
  });
}

/**
 * Publishes indexes that were prepared and have been signed by enough keys since. Again is no harm.
 * @throws UpdateError `PUBLISH_KEY`, `PUBLISH_INPUT` when somebody else published in between
 */
export async function publishPrepared(
  options: PublisherOptions,
  envelopes: readonly IndexEnvelope[],
): Promise<readonly PublishedIndex[]> {
  for (const envelope of envelopes) assertEnoughSignatures(envelope, options.config);
  return withPublisher(options, async (publisher) => {
    for (const { index } of envelopes) {
      const current = await publisher.view.releaseIndex(queryOf(index));
      if (index.revision === (current?.revision ?? 0) + 1 || isDeepStrictEqual(index, current)) continue;
      throw new UpdateError(
        'PUBLISH_INPUT',
        `Revision ${index.revision} was prepared, but revision ${current?.revision ?? 0} is published now. Prepare the release again.`,
      );
    }
    await publishIndexes(publisher, envelopes);
    return envelopes.map(({ index }) => describeIndex({ index, changed: true, dropped: [] }));
  });
}

/**
 * Changes the policy of a published version, e.g. withdraws it, on every platform target of the channel that lists it.
 * @throws UpdateError `PUBLISH_INPUT` when none does
 */
export async function changeRelease(options: ChangeOptions): Promise<readonly PublishedIndex[]> {
  return withPublisher(options, async (publisher) => {
    const { version, policy } = options;
    const merged: MergedIndex[] = [];
    for (const query of allQueries(publisher)) {
      const previous = await publisher.view.releaseIndex(query);
      if (previous?.releases.some((release) => release.version === version) !== true) continue;
      merged.push(changePolicy(query, previous, version, policy));
    }
    if (merged.length === 0) {
      const where = `the channel ${publisher.channel} of ${publisher.app}`;
      throw new UpdateError('PUBLISH_INPUT', `${version} is not published on ${where}.`);
    }
    const signed = signChanged(merged, options);
    for (const envelope of signed) assertEnoughSignatures(envelope, options.config);
    if (signed.length > 0) await publishIndexes(publisher, signed);
    return merged.map(describeIndex);
  });
}

/** Everything that can be refused is refused before the first byte leaves this machine. */
async function withBuild<T>(
  options: BuildOptions,
  work: (publisher: Publisher, plan: ReleasePlan, merged: readonly MergedIndex[], build: Build) => Promise<T>,
): Promise<T> {
  const { onProgress, config, nextPublisher } = options;
  const build = await readBuild({
    ...options,
    channel: options.channel ?? config.channel,
    onProgress: (done, total) => onProgress?.({ step: 'hash', done, total }),
  });
  const plan = planRelease(config.app, build);
  return withPublisher(options, async (publisher) => {
    const merged: MergedIndex[] = [];
    for (const { target, artifacts } of plan.indexes) {
      const query = { app: publisher.app, channel: publisher.channel, target };
      const previous = await publisher.view.releaseIndex(query);
      const draft = draftOf(build, artifacts, options.policy);
      merged.push(mergeRelease(query, previous, draft, nextPublisher ?? previous?.publisher));
    }
    return work(publisher, plan, merged, build);
  });
}

function draftOf(build: Build, artifacts: readonly Artifact[], policy: ReleasePolicy): ReleaseDraft {
  const notes = build.notes === undefined ? {} : { notes: { en: build.notes } };
  const releasedAt = build.releasedAt ?? new Date().toISOString();
  return { version: build.version, releasedAt, artifacts, policy: { ...notes, ...policy } };
}

function signChanged(
  merged: readonly MergedIndex[],
  { keys, config }: Pick<ReleaseOptions, 'keys' | 'config'>,
): readonly IndexEnvelope[] {
  return merged.filter(({ changed }) => changed).map(({ index }) => signIndex(index, keys, config));
}

function allQueries({ app, channel }: Publisher): readonly ReleaseQuery[] {
  return platforms.flatMap((platform) => arches.map((arch) => ({ app, channel, target: { platform, arch } })));
}

function reportOf(
  { app, channel }: Publisher,
  plan: ReleasePlan,
  merged: readonly MergedIndex[],
  build: Build,
  registered: number,
): PublishReport {
  const artifacts = plan.artifacts.map(({ entry: { path, kind, length, sha256 } }) => ({ path, kind, length, sha256 }));
  const { version, ignored } = build;
  return { app, channel, version, artifacts, registered, indexes: merged.map(describeIndex), ignored };
}

function describeIndex({ index, changed, dropped }: MergedIndex): PublishedIndex {
  const path = releaseIndexPath(index.app, index.channel, index);
  return { path, platform: formatPlatformTarget(index), revision: index.revision, changed, dropped };
}
