import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { ReleaseQuery } from '../../main/ports.ts';
import { type DsseEnvelope } from '../../shared/dsse.ts';
import { UpdateError } from '../../shared/errors.ts';
import { formatPlatformTarget } from '../../shared/platform-target.ts';
import type { ReleaseIndex } from '../../shared/release-index.ts';
import { releaseIndexPath } from '../../shared/target-path.ts';
import type { TrustedTarget } from '../../shared/trusted-target.ts';
import { digestBytes } from '../../files/hash-file.ts';
import type { TargetListing } from '../../main/ports.ts';
import { removed, withWayBack } from '../client/open-client-view.ts';
import { payloadDigest } from '../keys/sign-envelope.ts';
import type { PublishSession } from './publish-session.ts';

// RSTUF replaces the target at a path without comparing it with the previous one, so concurrent publishers overwrite each
// other. The order in which the repository signed their indexes decides: of two indexes with the same revision, the first
// is valid, and the publisher of the second must merge its change into a new revision. Every publisher can read that
// order from the old versions of the delegated role, which stay in the repository.

/** A verified release index as it was signed. */
export interface SignedIndex {
  readonly index: ReleaseIndex;
  readonly bytes: Uint8Array;
  /** SHA-256 of the file, lower-case hex. */
  readonly sha256: string;
  /** SHA-256 of the payload, lower-case hex. */
  readonly payload: string;
}

/** The state of the index for a query. */
export interface Standing {
  readonly query: ReleaseQuery;
  /** The valid index, which the next revision is based on; `undefined` before the first. */
  readonly tip: SignedIndex | undefined;
  /** SHA-256 of the file that the repository lists, lower-case hex. */
  readonly listed: string | undefined;
  /** Whether the repository lists the valid index. False while concurrent publishers resolve a conflict. */
  readonly isSettled: boolean;
  /** The version of the role when this was read. Later registrations are in later versions. */
  readonly readAt: Pick<TargetListing, 'role' | 'version'> | undefined;
  /** The lowest revision that the next index may have. */
  readonly nextRevision: number;
}

/** The largest number of role versions that are read. */
const maxVersions = 64;

export function signedIndex(index: ReleaseIndex, bytes: Uint8Array): SignedIndex {
  const envelope = JSON.parse(Buffer.from(bytes).toString('utf8')) as DsseEnvelope;
  return { index, bytes, sha256: digestBytes(bytes).sha256, payload: payloadDigest(envelope) };
}

/**
 * Reads the state of a query's index as of the last refresh.
 * @throws UpdateError `TRUST_…` when the publisher did not sign the index, or when this machine has seen a newer one
 */
export async function readStanding(session: PublishSession, query: ReleaseQuery): Promise<Standing> {
  const { view } = session;
  const target = await view.target(pathOf(query));
  const known = await view.rememberedIndex(query);
  const remembered = known && signedIndex(known.index, known.bytes);
  if (target === undefined) {
    if (remembered !== undefined) return withWayBack(removed(remembered.index.revision));
    return { query, tip: undefined, listed: undefined, isSettled: true, readAt: undefined, nextRevision: 1 };
  }
  const listed = target.hashes.sha256;
  const current = await readListed(session, query, target);
  if (current === undefined) return goOnFromMemory(session, query, target, remembered);
  const isKnown = current.payload === remembered?.payload;
  const counting = isKnown ? current : (newestOf(undefined, await ancestry(session, query, current)) ?? current);
  const isSettled = counting.payload === current.payload;
  const tip = isSettled ? current : counting;
  if (remembered !== undefined && isOlder(tip, remembered)) {
    return withWayBack(olderThanSeen(current.index.revision, remembered.index.revision));
  }
  const nextRevision = tip.index.revision + 1;
  return { query, tip, listed, isSettled, readAt: await currentVersion(session, query), nextRevision };
}

/**
 * Reads the indexes that were registered since `standing` was read, in the order in which the repository signed them.
 * @throws UpdateError `TRUST_…` when the publisher did not sign the index that is listed now
 */
export async function registeredSince(session: PublishSession, standing: Standing): Promise<readonly SignedIndex[]> {
  const { query, readAt } = standing;
  const targets: (TrustedTarget | undefined)[] = [];
  for await (const { role, version, target } of session.view.history(pathOf(query))) {
    const isOld = readAt === undefined ? target === undefined : role === readAt.role && version <= readAt.version;
    if (isOld || targets.length === maxVersions) break;
    targets.push(target);
  }
  const indexes: SignedIndex[] = [];
  let before = standing.listed;
  for (const [at, target] of targets.toReversed().entries()) {
    const sha256 = target?.hashes.sha256;
    if (target === undefined || sha256 === before) continue;
    before = sha256;
    const isListed = at === targets.length - 1;
    const index = isListed ? await needListed(session, query, target) : await tryListed(session, query, target);
    if (index !== undefined) indexes.push(index);
  }
  return indexes;
}

/** The valid index among those registered, given in the repository's order. Of two with the same revision, the first. */
export function newestOf(start: SignedIndex | undefined, registered: readonly SignedIndex[]): SignedIndex | undefined {
  let tip = start;
  for (const one of registered) if (tip === undefined || one.index.revision > tip.index.revision) tip = one;
  return tip;
}

/** The current index and its predecessors back to the one it is based on, oldest first. */
async function ancestry(
  session: PublishSession,
  query: ReleaseQuery,
  current: SignedIndex,
): Promise<readonly SignedIndex[]> {
  const found = [current];
  let [looked, last] = [0, current.sha256];
  for await (const { target } of session.view.history(pathOf(query))) {
    if (target === undefined || looked++ === maxVersions) break;
    const { sha256 = '' } = target.hashes;
    if (sha256 === last) continue;
    last = sha256;
    const older = await tryListed(session, query, target);
    if (older === undefined) continue;
    found.push(older);
    const { previous, revision } = current.index;
    if (previous === undefined ? older.index.revision < revision : older.payload === previous) break;
  }
  return found.toReversed();
}

async function currentVersion(
  session: PublishSession,
  query: ReleaseQuery,
): Promise<Pick<TargetListing, 'role' | 'version'> | undefined> {
  for await (const { role, version } of session.view.history(pathOf(query))) return { role, version };
  return undefined;
}

/** `undefined` when neither the content server nor the store has its bytes. */
async function readListed(
  session: PublishSession,
  query: ReleaseQuery,
  target: TrustedTarget,
): Promise<SignedIndex | undefined> {
  const bytes = await readBytes(session, query, target);
  return bytes && signedIndex(await session.view.verifyIndex(query, bytes), bytes);
}

async function needListed(session: PublishSession, query: ReleaseQuery, target: TrustedTarget): Promise<SignedIndex> {
  const found = await readListed(session, query, target);
  if (found !== undefined) return found;
  throw new UpdateError('TRUST_FILE_MISSING', `The content server does not have the file that ${target.path} names.`);
}

/** Reads an older index. `undefined` when its bytes are gone, or when the publisher did not sign it. */
async function tryListed(
  session: PublishSession,
  query: ReleaseQuery,
  target: TrustedTarget,
): Promise<SignedIndex | undefined> {
  try {
    return await readListed(session, query, target);
  } catch (error) {
    if (error instanceof UpdateError && /^TRUST_(PUBLISHER|INDEX|MISMATCH)/.test(error.code)) return undefined;
    throw error;
  }
}

/** Reads the bytes from the content server, or from the store if they are not served yet. */
async function readBytes(
  { view, store, work }: PublishSession,
  query: ReleaseQuery,
  target: TrustedTarget,
): Promise<Uint8Array | undefined> {
  try {
    return await view.readIndex(query, target);
  } catch (error) {
    if (!(error instanceof UpdateError) || !isLost(error)) throw error;
  }
  const { path, length } = target;
  const { sha256 = '' } = target.hashes;
  const file = join(work, `${sha256}.index`);
  if (!(await store.fetchTo({ path, length, sha256 }, file))) return undefined;
  const bytes = await readFile(file);
  return digestBytes(bytes).sha256 === sha256 ? bytes : undefined;
}

/** Continues from the newest index this machine has seen, because no client can read the listed one: its bytes are lost. */
async function goOnFromMemory(
  session: PublishSession,
  query: ReleaseQuery,
  target: TrustedTarget,
  remembered: SignedIndex | undefined,
): Promise<Standing> {
  const where = `${query.app} ${query.channel} ${formatPlatformTarget(query.target)}`;
  const { sha256 = '' } = target.hashes;
  if (remembered === undefined) {
    throw new UpdateError(
      'TRUST_FILE_MISSING',
      `The repository lists a release index for ${where} whose file (${sha256.slice(0, 12)}…) neither the content server nor ${session.store.id} has. Put that file back, or run "electron-tuf publish --restore" on the machine that published last.`,
    );
  }
  const { revision } = remembered.index;
  session.options.onNotice?.(
    `The file of the newest release index for ${where} is missing, so clients cannot read it. Continuing from revision ${revision}, the last one this machine saw. If another machine has published since, publish that again.`,
  );
  // The lost index may have the next revision, and clients accept only one content for each revision.
  const nextRevision = revision + 2;
  const readAt = await currentVersion(session, query);
  return { query, tip: remembered, listed: sha256, isSettled: false, readAt, nextRevision };
}

/** Whether the content server has no such file, or other bytes in its place. */
function isLost({ code }: UpdateError): boolean {
  return code === 'TRUST_MISMATCH' || code === 'TRUST_FILE_MISSING';
}

function isOlder(tip: SignedIndex, seen: SignedIndex): boolean {
  const [now, before] = [tip.index.revision, seen.index.revision];
  return now < before || (now === before && tip.payload !== seen.payload);
}

function olderThanSeen(offered: number, seen: number): UpdateError {
  return new UpdateError(
    'TRUST_PUBLISHER_ROLLBACK',
    `The repository lists revision ${offered} of the release index, and this machine has seen revision ${seen}${offered === seen ? ' with other content' : ''}.`,
    { details: { offered, seen } },
  );
}

/** The query that returns this index. */
export function queryOf({ app, channel, platform, arch }: ReleaseIndex): ReleaseQuery {
  return { app, channel, target: { platform, arch } };
}

function pathOf({ app, channel, target }: ReleaseQuery): string {
  return releaseIndexPath(app, channel, target);
}
