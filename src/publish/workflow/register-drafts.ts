import type { ReleaseQuery } from '../../main/ports.ts';
import { omitUndefined } from '../../shared/omit-undefined.ts';
import { UpdateError } from '../../shared/errors.ts';
import { releaseIndexPath } from '../../shared/target-path.ts';
import type { PublishSession } from '../session/publish-session.ts';
import { newestOf, readStanding, registeredSince, type SignedIndex, type Standing } from '../session/standing.ts';
import { notConfirmed, repeatUntil } from '../session/wait-until-visible.ts';
import { registerIndexes, storeIndexes } from './publish-indexes.ts';

/** A signed index that is to replace the one in `standing`. */
export interface IndexDraft {
  readonly standing: Standing;
  readonly signed: SignedIndex;
}

/** The result of a registration. */
export interface RegistrationOutcome {
  /**
   * `won`: the index is valid, and clients see it or a later revision based on it. `lost`: another publisher's index of
   * the same revision came first. `overlaid`: the index is valid, but the repository still lists one that lost.
   */
  readonly type: 'won' | 'lost' | 'overlaid';
  /** The valid index. */
  readonly tip: SignedIndex;
}

/** Milliseconds that a publisher whose index lost may take to make a new revision. */
const overlaidMs = 20_000;

/**
 * Stores indexes, checks that no publisher has changed the ones they replace, registers them, and waits for each result.
 * @returns a result for each draft; `undefined`, with nothing registered, when another publisher changed an index
 * @throws UpdateError `PUBLISH_NOT_SERVED`, `PUBLISH_NOT_CONFIRMED`, and what registering throws
 */
export async function registerDrafts(
  session: PublishSession,
  drafts: readonly IndexDraft[],
): Promise<readonly RegistrationOutcome[] | undefined> {
  const indexes = drafts.map(({ signed }) => signed);
  await storeIndexes(session, indexes);
  await session.view.refresh();
  for (const { standing } of drafts) if (await hasMoved(session, standing)) return undefined;
  await registerIndexes(session, indexes);
  const verdicts: RegistrationOutcome[] = [];
  for (const draft of drafts) verdicts.push(await settle(session, draft));
  return verdicts;
}

/**
 * Registers the valid index again where the repository lists one that lost and no revision can be made from both.
 * Clients that have seen the valid index can then continue.
 */
export async function giveWay(session: PublishSession, queries: readonly ReleaseQuery[]): Promise<void> {
  await session.view.refresh();
  const overlaid: SignedIndex[] = [];
  for (const query of queries) {
    const { tip, isSettled } = await readStanding(session, query);
    if (tip !== undefined && !isSettled) overlaid.push(tip);
  }
  if (overlaid.length > 0) await registerIndexes(session, overlaid);
}

async function hasMoved({ view }: PublishSession, { query, listed }: Standing): Promise<boolean> {
  const target = await view.target(releaseIndexPath(query.app, query.channel, query.target));
  return target?.hashes.sha256 !== listed;
}

/**
 * Polls as a client until the result of a registration is certain.
 * @throws UpdateError `PUBLISH_NOT_CONFIRMED`
 */
async function settle(session: PublishSession, draft: IndexDraft): Promise<RegistrationOutcome> {
  const { view, options } = session;
  const { confirmTimeoutMs: timeoutMs = 60_000, signal } = options;
  const overlaidUntil = performance.now() + Math.min(overlaidMs, timeoutMs / 2);
  const attempt = async (): Promise<RegistrationOutcome | undefined> => {
    await view.refresh();
    const verdict = await judge(session, draft);
    const isWaiting = verdict?.type === 'overlaid' && performance.now() < overlaidUntil;
    if (verdict?.type === 'won') await assertSeen(session, draft, verdict.tip);
    return isWaiting ? undefined : verdict;
  };
  return repeatUntil(attempt, notConfirmed, omitUndefined({ timeoutMs, signal }));
}

/** `undefined` while the repository lists no newer index than the one in `standing`. */
async function judge(
  session: PublishSession,
  { standing, signed }: IndexDraft,
): Promise<RegistrationOutcome | undefined> {
  const registered = await registeredSince(session, standing);
  const tip = newestOf(standing.tip, registered);
  const listed = registered.at(-1);
  if (listed === undefined || tip === undefined) return undefined;
  if (!counts(standing, registered, signed)) return { type: 'lost', tip };
  return { type: listed.payload === tip.payload ? 'won' : 'overlaid', tip };
}

/** Whether the index was the valid one at the moment it was registered. */
function counts({ tip }: Standing, registered: readonly SignedIndex[], { payload }: SignedIndex): boolean {
  const upTo = registered.findIndex((one) => one.payload === payload);
  return upTo >= 0 && newestOf(tip, registered.slice(0, upTo + 1))?.payload === payload;
}

/** Checks that an installed app would accept the index. Only then is it published. */
async function assertSeen({ view }: PublishSession, { standing }: IndexDraft, tip: SignedIndex): Promise<void> {
  const seen = await view.releaseIndex(standing.query);
  if (seen?.revision === tip.index.revision) return;
  throw new UpdateError('TRUST_TARGET_UNKNOWN', `Revision ${tip.index.revision} is not there yet.`);
}
