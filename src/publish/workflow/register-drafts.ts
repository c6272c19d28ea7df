import type { ReleaseQuery } from '../../main/ports.ts';
import { omitUndefined } from '../../shared/omit-undefined.ts';
import { UpdateError } from '../../shared/errors.ts';
import { releaseIndexPath } from '../../shared/target-path.ts';
import type { PublishSession } from '../session/publish-session.ts';
import { newestOf, readStanding, registeredSince, type SignedIndex, type Standing } from '../session/standing.ts';
import { notConfirmed, repeatUntil } from '../session/wait-until-visible.ts';
import { registerIndexes, storeIndexes } from './publish-indexes.ts';

/** A signed index that is to follow a standing. */
export interface IndexDraft {
  readonly standing: Standing;
  readonly signed: SignedIndex;
}

/** What became of a registration. */
export interface RegistrationOutcome {
  /**
   * `won`: it counts, and clients see it or what others made of it since. `lost`: another publisher's index of this
   * revision came first. `overlaid`: it counts, and clients are still shown one that lost.
   */
  readonly type: 'won' | 'lost' | 'overlaid';
  /** The index that counts. */
  readonly tip: SignedIndex;
}

/** So long the publisher of an index that lost may take to make a new revision of it, in milliseconds. */
const overlaidMs = 20_000;

/**
 * Stores indexes, looks once more at what they follow, has them signed, and waits until it is clear what became of each.
 * @returns a verdict for each draft; `undefined`, and nothing is registered, when another publisher changed one of them
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
 * Puts the index that counts back into its place, where one that lost is listed and no next revision can be made of both:
 * after this, clients that saw the one that counts go on.
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
 * Looks as a client until it is clear what became of a registered index.
 * @throws UpdateError `PUBLISH_NOT_CONFIRMED`
 */
async function settle(session: PublishSession, draft: IndexDraft): Promise<RegistrationOutcome> {
  const { view, options } = session;
  const { confirmTimeoutMs: timeoutMs = 60_000, signal } = options;
  const patience = performance.now() + Math.min(overlaidMs, timeoutMs / 2);
  const attempt = async (): Promise<RegistrationOutcome | undefined> => {
    await view.refresh();
    const verdict = await judge(session, draft);
    const isWaiting = verdict?.type === 'overlaid' && performance.now() < patience;
    if (verdict?.type === 'won') await assertSeen(session, draft, verdict.tip);
    return isWaiting ? undefined : verdict;
  };
  return repeatUntil(attempt, notConfirmed, omitUndefined({ timeoutMs, signal }));
}

/** `undefined` as long as nothing was registered over the standing. */
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

/** Was the index the one that counts, at the moment when it was registered? */
function counts({ tip }: Standing, registered: readonly SignedIndex[], { payload }: SignedIndex): boolean {
  const upTo = registered.findIndex((one) => one.payload === payload);
  return upTo >= 0 && newestOf(tip, registered.slice(0, upTo + 1))?.payload === payload;
}

/** Nothing counts as published before an app would take it. */
async function assertSeen({ view }: PublishSession, { standing }: IndexDraft, tip: SignedIndex): Promise<void> {
  const seen = await view.releaseIndex(standing.query);
  if (seen?.revision === tip.index.revision) return;
  throw new UpdateError('TRUST_TARGET_UNKNOWN', `Revision ${tip.index.revision} is not there yet.`);
}
