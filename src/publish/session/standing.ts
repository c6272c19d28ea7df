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

// RSTUF replaces what a path says without a look at what was there, so two publishers at once overwrite each other. Which
// index counts follows from the order in which the repository signed them: of two with one revision, the first. Whoever
// registered the second makes a new revision out of the first. The versions of the role that lists the path, which stay
// in the repository, tell that order to everybody.

/** A verified release index as it was signed. */
export interface SignedIndex {
  readonly index: ReleaseIndex;
  readonly bytes: Uint8Array;
  /** SHA-256 of the file, lower-case hex. */
  readonly sha256: string;
  /** SHA-256 of the payload, lower-case hex. */
  readonly payload: string;
}

/** Where the index for a query stands. */
export interface Standing {
  readonly query: ReleaseQuery;
  /** The index that counts and that the next one is made from; `undefined` before the first. */
  readonly tip: SignedIndex | undefined;
  /** SHA-256 of the file that is listed. */
  readonly listed: string | undefined;
  /** Is the index that counts the one that is listed? Not so while two publishers at once sort things out. */
  readonly isSettled: boolean;
  /** When this was read: what others register later stands in later versions of this role. */
  readonly readAt: Pick<TargetListing, 'role' | 'version'> | undefined;
  /** The lowest revision that the next index may have. */
  readonly nextRevision: number;
}

/** So many older versions of a role are looked at, at most. */
const maxVersions = 64;

export function signedIndex(index: ReleaseIndex, bytes: Uint8Array): SignedIndex {
  const envelope = JSON.parse(Buffer.from(bytes).toString('utf8')) as DsseEnvelope;
  return { index, bytes, sha256: digestBytes(bytes).sha256, payload: payloadDigest(envelope) };
}

/**
 * Reads the index for a query as of the last refresh.
 * @throws UpdateError `TRUST_…` when it is not the publisher's, or older than one that this machine has seen
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
 * What was registered for a query since its standing was read, in the repository's order.
 * @throws UpdateError `TRUST_…` when what is listed now is not the publisher's
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

/** Of indexes in the repository's order, the one that counts: each revision has one content, the first. */
export function newestOf(start: SignedIndex | undefined, registered: readonly SignedIndex[]): SignedIndex | undefined {
  let tip = start;
  for (const one of registered) if (tip === undefined || one.index.revision > tip.index.revision) tip = one;
  return tip;
}

/** The current index and those before it, oldest first, back to the one that it was made from. */
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

/** `undefined` when its bytes are nowhere. */
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

/** An older listing: what is not the publisher's, or is gone, does not count. */
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

/** From the content server, or from the store, whose files may not be served yet. */
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

/** The listed index was registered without its bytes, or they were lost: no client could read it. */
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
    `The file of the newest release index for ${where} is nowhere, so clients cannot read it: going on from revision ${revision}, which this machine saw last. If another machine published since, publish that again.`,
  );
  // The lost one may have the next revision, and a revision has one content.
  const nextRevision = revision + 2;
  const readAt = await currentVersion(session, query);
  return { query, tip: remembered, listed: sha256, isSettled: false, readAt, nextRevision };
}

/** The content server lacks the file, or has other bytes in its place. */
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

/** The query that an index answers. */
export function queryOf({ app, channel, platform, arch }: ReleaseIndex): ReleaseQuery {
  return { app, channel, target: { platform, arch } };
}

function pathOf({ app, channel, target }: ReleaseQuery): string {
  return releaseIndexPath(app, channel, target);
}
