import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';

import type { ReleaseQuery } from '../../main/ports.ts';
import { UpdateError } from '../../shared/errors.ts';
import { arches, formatPlatformTarget, platforms } from '../../shared/platform-target.ts';
import type { PublisherKeySet } from '../../shared/publisher-keys.ts';
import type { Artifact, ReleaseIndex } from '../../shared/release-index.ts';
import { releaseIndexPath } from '../../shared/target-path.ts';
import { type Build, readBuild, type ReadBuildOptions } from '../build/read-build.ts';
import type { DeltaReport } from '../delta/delta-report.ts';
import { type DeltaOptions, buildDeltas } from '../delta/build-deltas.ts';
import type { SigningKey } from '../keys/key-file.ts';
import { type PlannedFile, type PlannedIndex, planRelease, type ReleasePlan } from '../session/release-plan.ts';
import { publishArtifacts } from './publish-artifacts.ts';
import { assertEnoughSignatures, type IndexEnvelope, publishIndexes, queryOf, signIndex } from './publish-indexes.ts';
import { type PublishSession, type PublishSessionOptions, withPublishSession } from '../session/publish-session.ts';
import { changePolicy, type MergedIndex, mergeRelease, type ReleaseDraft } from '../release-index/merge-release.ts';
import type { ReleasePolicy } from '../release-index/release-policy.ts';
import { decompressBuild } from '../decompress/decompress-build.ts';

export interface ReleaseOptions extends PublishSessionOptions {
  /** A threshold of publisher keys, unless the release is only prepared. */
  readonly keys: readonly SigningKey[];
}

export interface ChangeOptions extends ReleaseOptions {
  readonly version: string;
  readonly policy: ReleasePolicy;
}

export interface BuildOptions extends ReleaseOptions, Omit<ReadBuildOptions, 'channel' | 'onProgress'> {
  readonly policy: ReleasePolicy;
  /** Files that let apps transfer less. @defaultValue none are made */
  readonly deltas?: DeltaOptions;
  /** Rewrites AppImages, debs and `.tar.gz` without compression inside; needs squashfs-tools and dpkg. @defaultValue false */
  readonly store?: boolean;
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
  /** What updates cost, for each artifact whose delta files were made now. */
  readonly deltas: readonly DeltaReport[];
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
  return withBuild(options, async (session, release) => {
    const signed = signChanged(release.merged, options);
    for (const envelope of signed) assertEnoughSignatures(envelope, options.config);
    const registered = await publishArtifacts(session, release.files);
    if (signed.length > 0) await publishIndexes(session, signed);
    return reportOf(session, release, registered);
  });
}

/** As {@link publishBuild}, but the indexes are returned instead of published: more people must sign them. */
export async function prepareBuild(options: BuildOptions): Promise<PreparedRelease> {
  return withBuild(options, async (session, release) => {
    const registered = await publishArtifacts(session, release.files);
    return { report: reportOf(session, release, registered), envelopes: signChanged(release.merged, options) };
  });
}

/**
 * Publishes indexes that were prepared and have been signed by enough keys since. Again is no harm.
 * @throws UpdateError `PUBLISH_KEY`, `PUBLISH_INPUT` when somebody else published in between
 */
export async function publishPrepared(
  options: PublishSessionOptions,
  envelopes: readonly IndexEnvelope[],
): Promise<readonly PublishedIndex[]> {
  for (const envelope of envelopes) assertEnoughSignatures(envelope, options.config);
  return withPublishSession(options, async (session) => {
    for (const { index } of envelopes) {
      const current = await session.view.releaseIndex(queryOf(index));
      if (index.revision === (current?.revision ?? 0) + 1 || isDeepStrictEqual(index, current)) continue;
      throw new UpdateError(
        'PUBLISH_INPUT',
        `Revision ${index.revision} was prepared, but revision ${current?.revision ?? 0} is published now. Prepare the release again.`,
      );
    }
    await publishIndexes(session, envelopes);
    return envelopes.map(({ index }) => describeIndex({ index, changed: true, dropped: [] }));
  });
}

/**
 * Changes the policy of a published version, e.g. withdraws it, on every platform target of the channel that lists it.
 * @throws UpdateError `PUBLISH_INPUT` when none does
 */
export async function updateReleasePolicy(options: ChangeOptions): Promise<readonly PublishedIndex[]> {
  return withPublishSession(options, async (session) => {
    const { version, policy } = options;
    const merged: MergedIndex[] = [];
    for (const query of allQueries(session)) {
      const previous = await session.view.releaseIndex(query);
      if (previous?.releases.some((release) => release.version === version) !== true) continue;
      merged.push(changePolicy(query, previous, version, policy));
    }
    if (merged.length === 0) {
      const where = `the channel ${session.channel} of ${session.app}`;
      throw new UpdateError('PUBLISH_INPUT', `${version} is not published on ${where}.`);
    }
    const signed = signChanged(merged, options);
    for (const envelope of signed) assertEnoughSignatures(envelope, options.config);
    if (signed.length > 0) await publishIndexes(session, signed);
    return merged.map(describeIndex);
  });
}

/** A release that is ready to leave this machine. */
interface ReadyRelease {
  readonly build: Build;
  readonly plan: ReleasePlan;
  /** Artifacts and what helps to transfer less of them. */
  readonly files: readonly PlannedFile[];
  readonly merged: readonly MergedIndex[];
  readonly deltas: readonly DeltaReport[];
}

/** Everything that can be refused is refused before the first byte leaves this machine. */
async function withBuild<T>(
  options: BuildOptions,
  work: (session: PublishSession, release: ReadyRelease) => Promise<T>,
): Promise<T> {
  const { onProgress, config, nextPublisher } = options;
  const given = await readBuild({
    ...options,
    channel: options.channel ?? config.channel,
    onProgress: (done, total) => onProgress?.({ step: 'hash', done, total }),
  });
  return withPublishSession(options, async (session) =>
    inWorkDirectory(options.stateDirectory, async (directory) => {
      const build = options.store === true ? await decompressBuild(given, directory, options) : given;
      const plan = planRelease(config.app, build);
      const previous = new Map<PlannedIndex, ReleaseIndex | undefined>();
      for (const index of plan.indexes) {
        const query = { app: session.app, channel: session.channel, target: index.target };
        previous.set(index, await session.view.releaseIndex(query));
      }
      const merge = (fieldsOf: (artifact: Artifact) => Artifact): readonly MergedIndex[] =>
        plan.indexes.map((index) => {
          const query = { app: session.app, channel: session.channel, target: index.target };
          const before = previous.get(index);
          const draft = draftOf(build, index.artifacts.map(fieldsOf), options.policy);
          return mergeRelease(query, before, draft, nextPublisher ?? before?.publisher);
        });
      // Refuses what cannot be published before the long work begins.
      merge((artifact) => artifact);
      const indexes = [...previous.values()].filter((index) => index !== undefined);
      const deltas = await buildDeltas(session, build.version, plan.artifacts, indexes, directory, options.deltas);
      return work(session, {
        build,
        plan,
        files: [...plan.artifacts, ...[...deltas.values()].flatMap(({ files }) => files)],
        merged: merge((artifact) => ({ ...artifact, ...deltas.get(artifact.path)?.fields })),
        deltas: [...deltas.values()].flatMap(({ report }) => report ?? []),
      });
    }),
  );
}

/** Under the publisher's lock nobody else works there: what a killed run left is removed first. */
async function inWorkDirectory<T>(stateDirectory: string, work: (directory: string) => Promise<T>): Promise<T> {
  const directory = join(stateDirectory, 'work');
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  try {
    return await work(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
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

/** Every release index that the channel may have. */
export function allQueries({ app, channel }: PublishSession): readonly ReleaseQuery[] {
  return platforms.flatMap((platform) => arches.map((arch) => ({ app, channel, target: { platform, arch } })));
}

function reportOf({ app, channel }: PublishSession, release: ReadyRelease, registered: number): PublishReport {
  const { plan, build, merged, deltas } = release;
  const artifacts = plan.artifacts.map(({ entry: { path, kind, length, sha256 } }) => ({ path, kind, length, sha256 }));
  const { version, ignored } = build;
  return { app, channel, version, artifacts, deltas, registered, indexes: merged.map(describeIndex), ignored };
}

export function describeIndex({ index, changed, dropped }: MergedIndex): PublishedIndex {
  const path = releaseIndexPath(index.app, index.channel, index);
  return { path, platform: formatPlatformTarget(index), revision: index.revision, changed, dropped };
}
