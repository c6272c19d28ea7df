import semver from 'semver';

import { UpdateError } from '../../shared/errors.ts';
import type { PublisherKeySet } from '../../shared/publisher-keys.ts';
import type { Artifact, ReleaseIndex } from '../../shared/release-index.ts';
import type { UpdateConfig } from '../../shared/update-config.ts';
import { type Build, readBuild, type ReadBuildOptions } from '../build/read-build.ts';
import { decompressBuild } from '../decompress/decompress-build.ts';
import { buildDeltas, type DeltaOptions } from '../delta/build-deltas.ts';
import type { ArtifactDelta, DeltaReport } from '../delta/delta-report.ts';
import { describeReach, type MergedIndex, mergeRelease, type ReleaseDraft } from '../release-index/merge-release.ts';
import { handOver, type IndexKeys, keyFields } from '../release-index/hand-over.ts';
import type { ReleasePolicy } from '../release-index/release-policy.ts';
import { allQueries, type PublishSession, withPublishSession } from '../session/publish-session.ts';
import { type PlannedArtifact, planRelease, type ReleasePlan } from '../session/release-plan.ts';
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
  /** Files that let apps transfer less. @defaultValue none are made */
  readonly deltas?: DeltaOptions;
  /** Rewrites AppImages, debs and `.tar.gz` without compression inside; needs squashfs-tools and dpkg. @defaultValue false */
  readonly decompress?: boolean;
  /** A newer set of publisher keys that the index hands on to; both sets must sign. */
  readonly nextPublisher?: PublisherKeySet;
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
  assertKeysAtHand(options.keys, options.config);
  return inSession(options, async (session, build) => {
    const plan = planRelease(session.app, build);
    const current = await readCurrent(session, plan);
    const inherited = await inheritedKeys(session, current);
    for (const { next } of applyAll(changesOf(session, build, plan, { ...options, inherited }), current)) {
      noticeReach(session, next, build.version);
      assertEnoughSignatures(signIndex(next, options.keys, options.config), options.config);
    }
    const { deltas, registered } = await publishFiles(session, build, plan, current, options);
    const changes = changesOf(session, build, plan, { ...options, inherited }, deltas);
    const indexes = await updateIndexes(session, changes, (index) => signIndex(index, options.keys, options.config));
    await assertUnchanged(session, registrationsOf(plan.artifacts));
    return { ...describeRelease(session, build, plan, deltas), registered, indexes };
  });
}

/** As {@link publishBuild}, but the indexes are returned instead of published: more people must sign them. */
export async function prepareBuild(options: BuildOptions): Promise<PreparedRelease> {
  return inSession(options, async (session, build) => {
    const plan = planRelease(session.app, build);
    const current = await readCurrent(session, plan);
    const inherited = await inheritedKeys(session, current);
    for (const { next } of applyAll(changesOf(session, build, plan, { ...options, inherited }), current)) {
      noticeReach(session, next, build.version);
    }
    const { deltas, registered } = await publishFiles(session, build, plan, current, options);
    await session.view.refresh();
    const merged = applyAll(
      changesOf(session, build, plan, { ...options, inherited }, deltas),
      await readCurrent(session, plan),
    );
    const indexes = merged.map(({ next, changed, dropped }) => describeIndex(next, changed, dropped));
    const envelopes = merged
      .filter(({ changed }) => changed)
      .map(({ next }) => signIndex(next, options.keys, options.config));
    return { report: { ...describeRelease(session, build, plan, deltas), registered, indexes }, envelopes };
  });
}

type Deltas = ReadonlyMap<string, ArtifactDelta>;

/** Reads the build, rewrites it if that is wanted, and opens the repository. */
async function inSession<T>(
  options: BuildOptions,
  work: (session: PublishSession, build: Build) => Promise<T>,
): Promise<T> {
  const { onProgress, config } = options;
  const given = await readBuild({
    ...options,
    channel: options.channel ?? config.channel,
    onProgress: (done, total) => onProgress?.({ step: 'hash', done, total }),
  });
  assertChannelMeant(given.version, options);
  return withPublishSession(options, async (session) => {
    await preflight(session, given);
    const isRewritten = options.decompress === true;
    return work(session, isRewritten ? await decompressBuild(given, session.work, options) : given);
  });
}

/** @throws UpdateError `PUBLISH_INPUT` for a pre-release that would go to everybody because nobody named a channel */
function assertChannelMeant(version: string, { channel, config }: BuildOptions): void {
  if (channel !== undefined || config.channel !== 'stable' || semver.prerelease(version) === null) return;
  throw new UpdateError(
    'PUBLISH_INPUT',
    `${version} is a pre-release, and without --channel it would be offered to everybody on stable. Say --channel beta, or --channel stable if that is what you mean.`,
    { details: { version } },
  );
}

async function readCurrent(session: PublishSession, plan: ReleasePlan): Promise<readonly Standing[]> {
  const standings: Standing[] = [];
  for (const { target } of plan.indexes) {
    standings.push(await readStanding(session, { app: session.app, channel: session.channel, target }));
  }
  return standings;
}

/**
 * The keys that the first index of a platform or channel names: those of the app's other indexes. A hand-over that it did
 * not repeat would leave builds behind that know no other index.
 */
async function inheritedKeys(session: PublishSession, current: readonly Standing[]): Promise<IndexKeys> {
  const { app, options } = session;
  const { publisher, channel } = options.config;
  if (publisher === 'none' || current.every(({ tip }) => tip !== undefined)) return {};
  let newest: IndexKeys = {};
  for (const query of allQueries({ app, channel })) {
    const { tip } = await readStanding(session, query);
    const revision = tip?.index.publisher?.revision ?? 0;
    if (tip !== undefined && revision > (newest.publisher?.revision ?? 0)) newest = tip.index;
  }
  return keyFields(newest);
}

/** What the release changes: one index for each platform target, with or without the deltas that were made. Pure. */
function changesOf(
  { app, channel }: PublishSession,
  build: Build,
  plan: ReleasePlan,
  { policy, nextPublisher, config, inherited }: BuildOptions & { readonly inherited: IndexKeys },
  deltas: Deltas = new Map(),
): readonly IndexChange[] {
  const notes = build.notes === undefined ? {} : { notes: { en: build.notes } };
  const { version, releasedAt } = build;
  return plan.indexes.map(({ target, artifacts }) => {
    const query = { app, channel, target };
    const listed = artifacts.map((artifact): Artifact => ({ ...artifact, ...deltas.get(artifact.path)?.fields }));
    const draft: ReleaseDraft = {
      version,
      releasedAt,
      artifacts: listed,
      policy: { ...notes, ...policy },
      defaults: build.policies[target.platform] ?? {},
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

/** @throws UpdateError when one of the indexes cannot take its change */
function applyAll(
  changes: readonly IndexChange[],
  current: readonly Standing[],
): readonly (Omit<MergedIndex, 'index'> & { readonly next: ReleaseIndex })[] {
  return changes.flatMap(({ apply }, at) => {
    const standing = current[at];
    if (standing === undefined) return [];
    const { index, ...merged } = apply(standing.tip?.index);
    return { ...merged, next: merged.changed ? nextIndex(index, standing) : index };
  });
}

function noticeReach({ options }: PublishSession, index: ReleaseIndex, version: string): void {
  const text = describeReach(index, version);
  if (text !== undefined) options.onNotice?.(text);
}

/** Makes delta files, and brings everything but the indexes to where clients find it. */
async function publishFiles(
  session: PublishSession,
  build: Build,
  plan: ReleasePlan,
  current: readonly Standing[],
  options: BuildOptions,
): Promise<{ readonly deltas: Deltas; readonly registered: number }> {
  const indexes = current.flatMap(({ tip }) => tip?.index ?? []);
  const deltas = await buildDeltas(session, build.version, plan.artifacts, indexes, options.deltas);
  const files = [...plan.artifacts, ...[...deltas.values()].flatMap((delta) => delta.files)];
  return { deltas, registered: await publishArtifacts(session, files) };
}

function registrationsOf(artifacts: readonly PlannedArtifact[]): readonly Registration[] {
  return artifacts.map(({ registration }) => registration);
}

function describeRelease(
  { app, channel }: PublishSession,
  { version, ignored }: Build,
  plan: ReleasePlan,
  deltas: Deltas,
): Omit<PublishReport, 'registered' | 'indexes'> {
  return {
    app,
    channel,
    version,
    artifacts: plan.artifacts.map(({ entry: { path, kind, length, sha256 } }) => ({ path, kind, length, sha256 })),
    deltas: [...deltas.values()].flatMap(({ report }) => report ?? []),
    ignored,
  };
}
