import { toUpdateError, type UpdateError, type UpdateErrorData } from '../../../shared/errors.ts';
import type { NeedsAttentionState, ReleaseSummary, StagedState, UpdateState } from '../../../shared/state.ts';
import type { StagedUpdate, TrustOptions, ReleaseVerifier } from '../../ports.ts';
import { type Context, learn, type Rooms, timestamp } from '../context.ts';
import { planOf } from './download-request.ts';
import { conditions, hasAgreed, releaseFacts } from './release-facts.ts';
import { findOffer, type FoundOffer, type Search, summaryOfStaged } from './find-offer.ts';
import { report } from './report-outcome.ts';
import { reconsiderStaged } from './revalidate-staged.ts';
import { deferralOf } from '../policy/automatic-policy.ts';
import type { Staged } from './install-staged.ts';

export interface CheckWish {
  readonly manual: boolean;
  readonly signal: AbortSignal;
  /** Why the updater could not start: then the check fails with it. @defaultValue it could */
  readonly notReady?: UpdateError | undefined;
  /** Fires when a person waits: then a scheduled check is patient no more. @defaultValue nobody does */
  readonly hurry?: AbortSignal;
}

/** Nobody waits for a scheduled check: it gives the repository, and caches in front of it, time to settle. */
function trustOptions({ manual, signal, hurry }: CheckWish): TrustOptions {
  return { signal, patience: manual ? 'quick' : 'long', ...(hurry === undefined ? {} : { hurry }) };
}

/** States in which a check changes nothing: what runs goes on. */
export const busy: readonly UpdateState['type'][] = [
  'disabled',
  'checking',
  'downloading',
  'paused',
  'verifying',
  'installing',
];

/** Looks for a newer release. Errors are states: this does not throw for what servers, networks and disks do. */
export async function check(context: Context, staged: Staged, wish: CheckWish): Promise<UpdateState> {
  const { holder, logger } = context;
  const before = holder.state;
  if (busy.includes(before.type)) return before;
  staged.disarm();
  learn(context, { cancelled: undefined });
  holder.apply({ type: 'check-started' });
  try {
    if (wish.notReady !== undefined) throw wish.notReady;
    const rooms = await context.rooms();
    const trust = await rooms.trust.refresh(trustOptions(wish));
    learn(context, { trust });
    await context.preferences.set({ trustExpires: new Date(trust.expires).toISOString() });
    const search = await searchChannel(context, rooms, rooms.trust, wish);
    await context.preferences.set({ lastCheck: timestamp(context) });
    return await settleSearch(context, staged, rooms, search, wish);
  } catch (error) {
    const failure = toUpdateError(error, 'MANAGER_UNEXPECTED');
    logger.warn(`check failed: ${failure.code} ${failure.message}`);
    return endCheck(context, staged, before, failure);
  }
}

/** Whatever else fails, e.g. the disk: a check ends in a state from which the next one is possible. */
async function endCheck(
  context: Context,
  staged: Staged,
  before: UpdateState,
  failure: UpdateError,
): Promise<UpdateState> {
  const { holder, logger } = context;
  try {
    return await failCheck(context, staged, before, failure);
  } catch (error) {
    const { code, message } = toUpdateError(error, 'MANAGER_UNEXPECTED');
    logger.error(`What a failed check left cannot be looked at: ${code} ${message}`);
    if (holder.state.type !== 'checking') return holder.state;
    return holder.apply({ type: 'check-failed', error: failure.toData() });
  }
}

/** Looks at the channel in use through refreshed metadata, of the network or of a bundle. */
export async function searchChannel(
  context: Context,
  rooms: Rooms,
  trust: ReleaseVerifier,
  wish: CheckWish,
): Promise<Search> {
  const { app, host, settings, known } = context;
  const allowDowngrade = await hasAgreed(context);
  const facts = await releaseFacts(context, rooms.install, { manual: wish.manual, allowDowngrade });
  const search = await findOffer(trust, {
    app,
    channel: known.channel,
    platform: host.facts.platform,
    facts,
    mayGoBack: settings.mayGoBack,
    ...trustOptions(wish),
  });
  learn(context, { search });
  return search;
}

/** Keeps what is staged only while it is what would be offered. */
export async function settleSearch(
  context: Context,
  staged: Staged,
  rooms: Rooms,
  { offer }: Search,
  { manual, signal }: CheckWish,
): Promise<UpdateState> {
  const waiting = await rooms.staging.current();
  if (offer === undefined) {
    await drop(context, rooms, waiting);
    return context.holder.apply({ type: 'check-found-nothing', at: timestamp(context) });
  }
  learn(context, { offer });
  await tellOffer(context, offer);
  if (waiting !== undefined && isSame(waiting, offer)) return staged.settle(offer.summary, manual);
  await drop(context, rooms, waiting);
  const { trusted, summary } = offer;
  const planned = { trusted, summary, plan: await planOf(context, rooms, trusted, signal) };
  learn(context, { offer: planned });
  return found(context, planned, { manual });
}

function isSame(waiting: StagedUpdate, { trusted }: FoundOffer): boolean {
  return waiting.version === trusted.release.version && waiting.kind === trusted.artifact.kind;
}

async function drop(context: Context, rooms: Rooms, waiting: StagedUpdate | undefined): Promise<void> {
  const { offer: _, ...known } = context.known;
  context.known = known;
  if (waiting === undefined) return;
  context.logger.info(`the staged ${waiting.version} is not offered any more and is dropped`);
  await rooms.staging.discard();
}

async function tellOffer(context: Context, { summary: { version } }: FoundOffer): Promise<void> {
  if ((await context.preferences.get()).offered === version) return;
  await context.preferences.set({ offered: version });
  report(context, { type: 'offered', version });
}

/** The release is there to download. */
export async function found(
  context: Context,
  { summary, plan }: FoundOffer,
  how: { readonly manual: boolean; readonly lastError?: UpdateErrorData | undefined },
): Promise<UpdateState> {
  const deferral = how.manual ? undefined : deferralOf(summary, context.settings.policy, await conditions(context));
  return context.holder.apply({
    type: 'found',
    release: summary,
    downloadSize: plan.downloadSize,
    fullSize: plan.fullSize,
    deferred: deferral,
    lastError: how.lastError,
  });
}

async function stillStaged(
  context: Context,
  { release }: StagedState | NeedsAttentionState,
): Promise<ReleaseSummary | undefined> {
  const rooms = await context.rooms();
  const waiting = await rooms.staging.current();
  if (waiting === undefined) return undefined;
  const standing = await reconsiderStaged(context, rooms, waiting);
  if (standing === 'dropped') return undefined;
  if (standing !== 'unknown') return standing;
  return release.version === waiting.version ? release : summaryOfStaged(waiting);
}

/**
 * A check that failed takes nothing away by itself: what was available or staged still is, for it was verified; but what it learned
 * before it failed counts, and what is withdrawn by then is dropped. Without either
 * it is idle, or stale when the metadata that was seen last has expired since.
 */
export async function failCheck(
  context: Context,
  staged: Staged,
  before: UpdateState,
  failure: UpdateError,
): Promise<UpdateState> {
  const { holder, known } = context;
  const lastError = failure.toData();
  if (before.type === 'available' && known.offer !== undefined) {
    return found(context, known.offer, { manual: before.deferred === undefined, lastError });
  }
  const kept =
    before.type === 'staged' || before.type === 'needs-attention' ? await stillStaged(context, before) : undefined;
  if (kept !== undefined) return staged.settle(kept, true, lastError);
  const { lastCheck, trustExpires } = await context.preferences.get();
  if (trustExpires !== undefined && Date.parse(trustExpires) <= context.clock.now()) {
    return holder.apply({ type: 'went-stale', since: trustExpires, error: lastError });
  }
  return holder.apply({ type: 'check-failed', error: lastError, ...(lastCheck === undefined ? {} : { lastCheck }) });
}
