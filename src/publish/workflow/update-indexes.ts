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
  /** The index with the change. Pure: it is asked again for what another publisher makes of the index meanwhile. */
  readonly apply: (previous: ReleaseIndex | undefined) => MergedIndex;
}

type SignIndex = (index: ReleaseIndex) => IndexEnvelope;

/** A change over the index that it was applied to, signed. */
interface Draft extends IndexDraft {
  readonly change: IndexChange;
  readonly merged: MergedIndex;
}

/** What is left to do after a round. */
interface Round {
  readonly pending: readonly IndexChange[];
  readonly published: readonly (readonly [IndexChange, PublishedIndex])[];
}

/** Each round in which this publisher loses, another one wins: so many at once are more than any team has. */
const mostRounds = 30;
/** Publishers that met once should not meet again, in milliseconds. */
const longestPauseMs = 500;

/**
 * Changes release indexes, whoever else does so at the same time: reads and merges right before signing, looks again after
 * registering, and makes a new revision where another publisher was quicker. Resolves when clients see every change.
 * @throws UpdateError `PUBLISH_CONFLICT` when others are always quicker, and what merging, signing and registering throw
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
      // An interrupted run may have registered it and not stored it where it is served.
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

/** An index as the one that follows a standing. */
export function nextIndex(index: ReleaseIndex, { tip, nextRevision }: Standing): ReleaseIndex {
  const { previous: _old, ...rest } = index;
  return { ...rest, revision: nextRevision, ...omitUndefined({ previous: tip?.payload }) };
}

function describeWinner({ standing, signed }: Draft, winner: SignedIndex): string {
  const { query, tip } = standing;
  const where = `${query.channel} ${formatPlatformTarget(query.target)}`;
  const what = describeChange(tip?.index, winner.index);
  return `Another publisher was quicker on ${where}: revision ${winner.index.revision} (${what}) counts, not our revision ${signed.index.revision}. Making the next revision out of both.`;
}

function alwaysLate(pending: readonly IndexChange[]): UpdateError {
  const where = pending.map(({ query }) => `${query.channel} ${formatPlatformTarget(query.target)}`).join(', ');
  return new UpdateError(
    'PUBLISH_CONFLICT',
    `Other publishers changed ${where} each time before this one could. Wait until they are done, then run the same command again.`,
  );
}
