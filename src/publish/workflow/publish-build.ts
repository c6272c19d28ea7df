import semver from 'semver';

import { UpdateError } from '../../shared/errors.ts';
import type { PublisherKeySet } from '../../shared/publisher-keys.ts';
import type { Artifact, ReleaseIndex } from '../../shared/release-index.ts';
import type { UpdateConfig } from '../../shared/update-config.ts';
import { type Build, readBuild, type ReadBuildOptions } from '../build/read-build.ts';
import { decompressBuild } from '../decompress/decompress-build.ts';
import { buildDeltas, type DeltaOptions } from '../delta/build-deltas.ts';
import type { ArtifactDelta, DeltaReport } from '../delta/delta-report.ts';
import { describeReach } from '../release-index/describe-reach.ts';
import { type MergedIndex, mergeRelease, type ReleaseDraft } from '../release-index/merge-release.ts';
import { handOver, type IndexKeys, keyFields } from '../release-index/hand-over.ts';
import type { ReleasePolicy } from '../release-index/release-policy.ts';
import { allQueries, type PublishSession, withPublishSession } from '../session/publish-session.ts';
import {
  type PlannedArtifact,
  type PlannedFile,
  indexesOf,
  planRelease,
  type ReleasePlan,
} from '../session/release-plan.ts';
import { readStanding, type Standing } from '../session/standing.ts';
import type { Registration } from '../rstuf/rstuf-api.ts';
import { assertUnchanged, publishArtifacts } from './publish-artifacts.ts';
import {
  assertEnoughSignatures,
  assertKeysAtHand,
  describeIndex,
  type PublishedIndex,
  type ReleaseOptions,
  signIndex,
} from './publish-indexes.ts';
import { preflight } from './preflight.ts';
import type { IndexEnvelope } from './prepared-release.ts';
import { type IndexChange, nextIndex, updateIndexes } from './update-indexes.ts';

export interface BuildOptions extends ReleaseOptions, Omit<ReadBuildOptions, 'channel' | 'onProgress'> {
  readonly policy: ReleasePolicy;
  /** Patches and packs, which let apps transfer less. @defaultValue none are made */
  readonly deltas?: DeltaOptions;
  /** Rewrites AppImages, debs and `.tar.gz` files without inner compression. Needs squashfs-tools and dpkg. @defaultValue false */
  readonly decompress?: boolean;
  /** A newer set of publisher keys that the index hands over to. Both sets must sign. */
  readonly nextPublisher?: PublisherKeySet;
}

/** What was published, as plain data. */
export interface PublishReport {
  readonly app: string;
  /** The first of `channels`. */
  readonly channel: string;
  readonly channels: readonly string[];
  readonly version: string;
  readonly artifacts: readonly {
    readonly path: string;
    readonly kind: string;
    /** Bytes. */
    readonly length: number;
    readonly sha256: string;
  }[];
  /** What an update transfers, for each artifact whose delta files this run built. */
  readonly deltas: readonly DeltaReport[];
  /** How many files this run registered; 0 when all were registered before. */
  readonly registered: number;
  readonly indexes: readonly PublishedIndex[];
  /** Files of the build that no install hook can install. */
  readonly ignored: readonly string[];
}

/** A release whose files are published and whose indexes still need signatures. */
export interface PreparedRelease {
  readonly report: PublishReport;
  readonly envelopes: readonly IndexEnvelope[];
}

/**
 * Publishes a directory that electron-builder wrote. The artifacts come first. The release index follows when clients can
 * download them. Running it again after an interruption finishes the work. Running it once more changes nothing.
 * @throws UpdateError with a `PUBLISH_…` code
 */
export async function publishBuild(options: BuildOptions): Promise<PublishReport> {
  assertKeysAtHand(options.keys, options.config);
  return withBuild(options, async (session, build) => {
    const release = await planBuild(session, build);
    const merged = mergeAll(changesOf(session, release, options), release.current);
    noticeReach(session, merged, build.version);
    assertSignable(merged, options);
    const deltas = await packDeltas(session, release, options);
    const registered = await publishArtifacts(session, filesOf(release, deltas));
    const changes = changesOf(session, release, options, deltas);
    const indexes = await updateIndexes(session, changes, (index) => signIndex(index, options.keys, options.config));
    await assertUnchanged(session, registrationsOf(release.plan.artifacts));
    return { ...describeRelease(session, release, deltas), registered, indexes };
  });
}

/** Does what {@link publishBuild} does, but returns the indexes instead of publishing them, so that others can sign them. */
export async function prepareBuild(options: BuildOptions): Promise<PreparedRelease> {
  return withBuild(options, async (session, build) => {
    const release = await planBuild(session, build);
    noticeReach(session, mergeAll(changesOf(session, release, options), release.current), build.version);
    const deltas = await packDeltas(session, release, options);
    const registered = await publishArtifacts(session, filesOf(release, deltas));
    await session.view.refresh();
    const current = await readStandings(session, release.plan);
    const merged = mergeAll(changesOf(session, release, options, deltas), current);
    const indexes = merged.map(({ next, changed, dropped }) => describeIndex(next, changed, dropped));
    const envelopes = merged
      .filter(({ changed }) => changed)
      .map(({ next }) => signIndex(next, options.keys, options.config));
    return { report: { ...describeRelease(session, release, deltas), registered, indexes }, envelopes };
  });
}

/** A build, what will be signed of it, and the indexes as they were before. */
interface PlannedBuild {
  readonly build: Build;
  readonly plan: ReleasePlan;
  readonly current: readonly Standing[];
  /** The keys that the first index of a channel or platform names. */
  readonly inherited: IndexKeys;
}

/** The result of a change: the index as it will be signed. */
type NextIndex = Omit<MergedIndex, 'index'> & { readonly next: ReleaseIndex };

type Deltas = ReadonlyMap<string, ArtifactDelta>;

/** Reads the build, opens the repository, and rewrites the build without compression if `options` say so. */
async function withBuild<T>(
  options: BuildOptions,
  work: (session: PublishSession, build: Build) => Promise<T>,
): Promise<T> {
  const { onProgress, config } = options;
  const build = await readBuild({
    ...options,
    channel: options.channel ?? config.channel,
    onProgress: (done, total) => onProgress?.({ step: 'hash', done, total }),
  });
  assertChannelMeant(build.version, options);
  return withPublishSession(options, async (session) => {
    await preflight(session, build);
    return work(session, options.decompress === true ? await decompressBuild(build, session.work, options) : build);
  });
}

/** @throws UpdateError `PUBLISH_INPUT` for a pre-release on stable, unless `options` name the channel */
function assertChannelMeant(version: string, { channel, config }: BuildOptions): void {
  if (channel !== undefined || config.channel !== 'stable' || semver.prerelease(version) === null) return;
  throw new UpdateError(
    'PUBLISH_INPUT',
    `${version} is a pre-release, and without --channel it would be offered to everybody on stable. Say --channel beta, or --channel stable if that is what you mean.`,
    { details: { version } },
  );
}

async function planBuild(session: PublishSession, build: Build): Promise<PlannedBuild> {
  const plan = planRelease(session.app, build);
  const current = await readStandings(session, plan);
  return { build, plan, current, inherited: await inheritedKeys(session, current) };
}

async function readStandings(session: PublishSession, plan: ReleasePlan): Promise<readonly Standing[]> {
  const standings: Standing[] = [];
  for (const { query } of indexesOf(session, plan)) standings.push(await readStanding(session, query));
  return standings;
}

/**
 * The keys that the first index of a channel or platform must name: those of the app's other indexes. If it did not
 * repeat a hand-over, builds that read only this index could not follow to the new keys.
 */
async function inheritedKeys(session: PublishSession, current: readonly Standing[]): Promise<IndexKeys> {
  const { app, options } = session;
  const { publisher, channel } = options.config;
  if (publisher === 'none' || current.every(({ tip }) => tip !== undefined)) return {};
  let newest: IndexKeys = {};
  for (const query of allQueries({ app, channels: [channel] })) {
    const { tip } = await readStanding(session, query);
    const revision = tip?.index.publisher?.revision ?? 0;
    if (tip !== undefined && revision > (newest.publisher?.revision ?? 0)) newest = tip.index;
  }
  return keyFields(newest);
}

/** @throws UpdateError `PUBLISH_KEY` when too few keys sign an index */
function assertSignable(merged: readonly NextIndex[], { keys, config }: BuildOptions): void {
  for (const { next } of merged) assertEnoughSignatures(signIndex(next, keys, config), config);
}

async function packDeltas(session: PublishSession, release: PlannedBuild, options: BuildOptions): Promise<Deltas> {
  const { build, plan, current } = release;
  const indexes = current.flatMap(({ tip }) => tip?.index ?? []);
  return buildDeltas(session, build.version, plan.artifacts, indexes, options.deltas);
}

/** Every file of the release except its indexes. Pure. */
function filesOf({ plan }: PlannedBuild, deltas: Deltas): readonly PlannedFile[] {
  return [...plan.artifacts, ...[...deltas.values()].flatMap((delta) => delta.files)];
}

/** What the release changes in each channel's and platform target's index. Without `deltas`, it lists whole files only. Pure. */
function changesOf(
  session: PublishSession,
  { build, plan, inherited }: PlannedBuild,
  { policy, nextPublisher, config }: BuildOptions,
  deltas: Deltas = new Map(),
): readonly IndexChange[] {
  const notes = build.notes === undefined ? {} : { notes: { en: build.notes } };
  const { version, releasedAt } = build;
  return indexesOf(session, plan).map(({ query, artifacts }) => {
    const listed = artifacts.map((artifact): Artifact => ({ ...artifact, ...deltas.get(artifact.path)?.fields }));
    const draft: ReleaseDraft = {
      version,
      releasedAt,
      artifacts: listed,
      policy: { ...notes, ...policy },
      defaults: build.policies[query.target.platform] ?? {},
    };
    return {
      query,
      apply: (previous) => mergeRelease(query, previous, draft, keysOf(config, previous ?? inherited, nextPublisher)),
    };
  });
}

function keysOf({ publisher }: UpdateConfig, keys: IndexKeys, next: PublisherKeySet | undefined): IndexKeys {
  return publisher === 'none' || next === undefined ? keys : handOver(publisher, keys, next);
}

/** Applies each change to its index. @throws UpdateError when an index cannot take its change */
function mergeAll(changes: readonly IndexChange[], current: readonly Standing[]): readonly NextIndex[] {
  return changes.flatMap(({ apply }, at) => {
    const standing = current[at];
    if (standing === undefined) return [];
    const { index, ...merged } = apply(standing.tip?.index);
    return { ...merged, next: merged.changed ? nextIndex(index, standing) : index };
  });
}

/** Tells the publisher which apps an index will not offer the version. */
function noticeReach({ options }: PublishSession, merged: readonly NextIndex[], version: string): void {
  for (const { next } of merged) {
    for (const text of describeReach(next, version, options.config.channel)) options.onNotice?.(text);
  }
}

function registrationsOf(artifacts: readonly PlannedArtifact[]): readonly Registration[] {
  return artifacts.map(({ registration }) => registration);
}

function describeRelease(
  { app, channel, channels }: PublishSession,
  { build: { version, ignored }, plan }: PlannedBuild,
  deltas: Deltas,
): Omit<PublishReport, 'registered' | 'indexes'> {
  return {
    app,
    channel,
    channels,
    version,
    artifacts: plan.artifacts.map(({ entry: { path, kind, length, sha256 } }) => ({ path, kind, length, sha256 })),
    deltas: [...deltas.values()].flatMap(({ report }) => report ?? []),
    ignored,
  };
}
