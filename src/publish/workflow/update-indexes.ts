import { setTimeout as delay } from 'node:timers/promises';

import type { ReleaseQuery } from '../../main/ports.ts';
import { omitUndefined } from '../../shared/omit-undefined.ts';
import { UpdateError } from '../../shared/errors.ts';
import { formatPlatformTarget } from '../../shared/platform-target.ts';
import type { ReleaseIndex } from '../../shared/release-index.ts';
import { describeChange } from '../release-index/describe-change.ts';
import type { MergedIndex } from '../release-index/merge-release.ts';
import type { PublishSession } from '../session/publish-session.ts';
import { readStanding, type SignedIndex, type Standing } from '../session/standing.ts';
import type { IndexEnvelope } from './prepared-release.ts';
import {
  assertEnoughSignatures,
  describeIndex,
  encodeIndex,
  type PublishedIndex,
  storeIndexes,
} from './publish-indexes.ts';
import { giveWay, type IndexDraft, registerDrafts } from './register-drafts.ts';

/** A change to one release index. */
export interface IndexChange {
  readonly query: ReleaseQuery;
  /** Applies the change. Pure, because it runs again whenever another publisher changes the index first. */
  readonly apply: (previous: ReleaseIndex | undefined) => MergedIndex;
}

type SignIndex = (index: ReleaseIndex) => IndexEnvelope;

/** A change that was applied to the current index and signed. */
interface Draft extends IndexDraft {
  readonly change: IndexChange;
  readonly merged: MergedIndex;
}

/** The result of one attempt: changes to retry, and indexes that are published. */
interface Round {
  readonly pending: readonly IndexChange[];
  readonly published: readonly (readonly [IndexChange, PublishedIndex])[];
}

/** In each round that this publisher loses, another one wins, so this exceeds the number of concurrent publishers of any team. */
const mostRounds = 30;
/** Milliseconds. A random pause up to this long keeps two publishers from colliding again. */
const longestPauseMs = 500;

/**
 * Changes release indexes even if other publishers do so at the same time. Reads and merges right before signing, checks
 * again after registering, and retries with a new revision if another publisher was first. Resolves when clients see
 * every change.
 * @throws UpdateError `PUBLISH_CONFLICT` after 30 lost rounds, and what merging, signing and registering throw
 */
export async function updateIndexes(
  session: PublishSession,
  changes: readonly IndexChange[],
  sign: SignIndex,
): Promise<readonly PublishedIndex[]> {
  const published = new Map<IndexChange, PublishedIndex>();
  let pending = changes;
  for (let round = 0; pending.length > 0; round += 1) {
    if (round === mostRounds) throw alwaysLate(pending);
    if (round > 0) await delay(Math.random() * longestPauseMs);
    session.options.signal?.throwIfAborted();
    const result = await tryOnce(session, pending, sign).catch(async (error: unknown) => {
      if (round > 0)
        await giveWay(
          session,
          pending.map(({ query }) => query),
        );
      throw error;
    });
    for (const [change, index] of result.published) published.set(change, index);
    pending = result.pending;
  }
  return changes.flatMap((change) => published.get(change) ?? []);
}

async function tryOnce(session: PublishSession, changes: readonly IndexChange[], sign: SignIndex): Promise<Round> {
  await session.view.refresh();
  const published: [IndexChange, PublishedIndex][] = [];
  const drafts: Draft[] = [];
  for (const change of changes) {
    const standing = await readStanding(session, change.query);
    const merged = change.apply(standing.tip?.index);
    const { tip, isSettled } = standing;
    if (!merged.changed && tip !== undefined && isSettled) {
      // An interrupted run may have registered the index without storing it.
      await storeIndexes(session, [tip]);
      await session.view.releaseIndex(change.query);
      published.push([change, describeIndex(tip.index, false, [])]);
    } else drafts.push(draftOf(session, change, standing, merged, sign));
  }
  const verdicts = drafts.length === 0 ? [] : await registerDrafts(session, drafts);
  const pending: IndexChange[] = [];
  for (const [at, draft] of drafts.entries()) {
    const verdict = verdicts?.[at];
    if (verdict?.type === 'won') {
      published.push([draft.change, describeIndex(draft.signed.index, true, draft.merged.dropped)]);
      continue;
    }
    if (verdict?.type === 'lost') session.options.onNotice?.(describeWinner(draft, verdict.tip));
    pending.push(draft.change);
  }
  return { pending, published };
}

function draftOf(
  { options }: PublishSession,
  change: IndexChange,
  standing: Standing,
  merged: MergedIndex,
  sign: SignIndex,
): Draft {
  const envelope = sign(nextIndex(merged.index, standing));
  assertEnoughSignatures(envelope, options.config);
  return { change, standing, merged, signed: encodeIndex(envelope) };
}

/** Gives an index the revision and predecessor that follow `standing`. */
export function nextIndex(index: ReleaseIndex, { tip, nextRevision }: Standing): ReleaseIndex {
  const { previous: _old, ...rest } = index;
  return { ...rest, revision: nextRevision, ...omitUndefined({ previous: tip?.payload }) };
}

function describeWinner({ standing, signed }: Draft, winner: SignedIndex): string {
  const { query, tip } = standing;
  const where = `${query.channel} ${formatPlatformTarget(query.target)}`;
  const what = describeChange(tip?.index, winner.index);
  return `Another publisher was first on ${where}: its revision ${winner.index.revision} (${what}) is valid, not this one's revision ${signed.index.revision}. Merging both into the next revision.`;
}

function alwaysLate(pending: readonly IndexChange[]): UpdateError {
  const where = pending.map(({ query }) => `${query.channel} ${formatPlatformTarget(query.target)}`).join(', ');
  return new UpdateError(
    'PUBLISH_CONFLICT',
    `Other publishers kept changing ${where} first. Wait until they are done, then run the same command again.`,
  );
}
