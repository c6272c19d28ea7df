import { omitUndefined } from '../../../shared/omit-undefined.ts';
import { toUpdateError, type UpdateError, type UpdateErrorData } from '../../../shared/errors.ts';
import type { ReleaseSummary, UpdateState } from '../../../shared/state.ts';
import type { StagedUpdate, TrustOptions, ReleaseVerifier } from '../../ports.ts';
import { type Context, type Services, timestamp } from '../context.ts';
import { learnChannel } from './channels.ts';
import { planOf } from './download-request.ts';
import { conditions, downgradeAllowed, releaseFacts } from './release-facts.ts';
import { findInstallObstacle } from './install-blockers.ts';
import { findOffer, summaryOfStaged } from './find-offer.ts';
import type { FoundOffer, Search } from '../offer.ts';
import type { Phase } from '../state/manager-state.ts';
import { reportOutcome } from './report-outcome.ts';
import { revalidateStaged } from './revalidate-staged.ts';
import { deferralOf } from '../policy/automatic-policy.ts';
import type { StagedInstall } from './install-staged.ts';

export interface CheckRequest {
  readonly manual: boolean;
  /** @defaultValue quick if `manual`, or else long */
  readonly patience?: 'quick' | 'long' | undefined;
  readonly signal: AbortSignal;
  /** The error of a failed start. The check fails with it. @defaultValue the start succeeded */
  readonly notReady?: UpdateError | undefined;
  /** Aborted when a user asks while a scheduled check runs. The check then stops waiting. @defaultValue never */
  readonly skipWaitSignal?: AbortSignal;
}

/** A scheduled check gives the repository, and caches in front of it, time to settle, because no user waits for it. */
function trustOptions(request: CheckRequest): TrustOptions {
  const { manual, patience = manual ? 'quick' : 'long', signal, skipWaitSignal } = request;
  return { signal, patience, ...omitUndefined({ skipWaitSignal }) };
}

/** States in which a check does nothing. */
export const busyStates: readonly UpdateState['type'][] = [
  'disabled',
  'checking',
  'downloading',
  'paused',
  'verifying',
  'installing',
];

/** Checks for a newer release. Errors of servers, networks and disks become states: this does not throw them. */
export async function check(context: Context, staged: StagedInstall, request: CheckRequest): Promise<UpdateState> {
  const { store, logger } = context;
  const before = store.internal.phase;
  if (busyStates.includes(before.type)) return store.state;
  staged.unscheduleInstall();
  store.dispatch({ type: 'check-started' });
  try {
    if (request.notReady !== undefined) throw request.notReady;
    await learnChannel(context);
    const services = await context.services();
    const trust = await services.trust.refresh(trustOptions(request));
    store.learn({ type: 'metadata-refreshed', trust });
    await context.preferences.set({ trustExpires: new Date(trust.expires).toISOString() });
    const search = await queryChannel(context, services, services.trust, request);
    await context.preferences.set({ lastCheck: timestamp(context) });
    return await applySearchResult(context, staged, services, search, request);
  } catch (error) {
    const failure = toUpdateError(error, 'MANAGER_UNEXPECTED');
    logger.warn(`check failed: ${failure.code} ${failure.message}`);
    return endCheck(context, staged, before, failure);
  }
}

/** Ends a failed check in a state that allows the next check, also if the disk fails. */
async function endCheck(
  context: Context,
  staged: StagedInstall,
  before: Phase,
  failure: UpdateError,
): Promise<UpdateState> {
  const { store, logger } = context;
  try {
    return await failCheck(context, staged, before, failure);
  } catch (error) {
    const { code, message } = toUpdateError(error, 'MANAGER_UNEXPECTED');
    logger.error(`The state before the failed check cannot be restored: ${code} ${message}`);
    if (store.state.type !== 'checking') return store.state;
    return store.dispatch({ type: 'check-failed', error: failure.toData() });
  }
}

/** Searches the current channel in refreshed metadata, from the network or from a bundle. */
export async function queryChannel(
  context: Context,
  services: Services,
  trust: ReleaseVerifier,
  request: CheckRequest,
): Promise<Search> {
  const { app, host, settings, store } = context;
  const allowDowngrade = await downgradeAllowed(context);
  const facts = await releaseFacts(context, services.install, { manual: request.manual, allowDowngrade });
  const search = await findOffer(trust, {
    app,
    channel: store.internal.channel,
    platform: host.facts.platform,
    facts,
    mayGoBack: settings.mayGoBack,
    ...trustOptions(request),
  });
  store.learn({ type: 'channel-searched', search });
  return search;
}

/** Applies what a search found. Discards a staged update that is no longer the offer. */
export async function applySearchResult(
  context: Context,
  staged: StagedInstall,
  services: Services,
  { offer }: Search,
  { manual, signal }: CheckRequest,
): Promise<UpdateState> {
  const waiting = await services.staging.current();
  if (offer === undefined) {
    await discard(context, services, waiting);
    return context.store.dispatch({ type: 'check-found-nothing', at: timestamp(context) });
  }
  await reportOffer(context, offer);
  if (waiting !== undefined && isSame(waiting, offer)) return staged.markStaged(offer.summary, manual);
  await discard(context, services, waiting);
  const { trusted, summary } = offer;
  const planned = { trusted, summary, plan: await planOf(context, services, trusted, signal) };
  return offerRelease(context, planned, { manual });
}

function isSame(waiting: StagedUpdate, { trusted }: FoundOffer): boolean {
  return waiting.version === trusted.release.version && waiting.kind === trusted.artifact.kind;
}

async function discard(context: Context, services: Services, waiting: StagedUpdate | undefined): Promise<void> {
  if (waiting === undefined) return;
  context.logger.info(`The staged ${waiting.version} is no longer offered and is discarded.`);
  await services.staging.discard();
}

async function reportOffer(context: Context, { summary: { version } }: FoundOffer): Promise<void> {
  if ((await context.preferences.get()).offered === version) return;
  await context.preferences.set({ offered: version });
  reportOutcome(context, { type: 'offered', version });
}

/** Makes the release `available`. Reports what would prevent its install now, not after the download. */
export async function offerRelease(
  context: Context,
  offer: FoundOffer,
  how: { readonly manual: boolean; readonly lastError?: UpdateErrorData | undefined },
): Promise<UpdateState> {
  const deferral = how.manual
    ? undefined
    : deferralOf(offer.summary, context.settings.policy, await conditions(context));
  const lastError = how.lastError ?? (await findInstallObstacle(context))?.error.toData();
  return context.store.dispatch({
    type: 'found',
    offer,
    deferred: deferral,
    lastError,
  });
}

async function stillStaged(
  context: Context,
  { release }: Phase & { readonly type: 'staged' | 'needs-attention' },
): Promise<ReleaseSummary | undefined> {
  const services = await context.services();
  const waiting = await services.staging.current();
  if (waiting === undefined) return undefined;
  const standing = await revalidateStaged(context, services, waiting);
  if (standing === 'dropped') return undefined;
  if (standing !== 'unknown') return standing;
  return release.version === waiting.version ? release : summaryOfStaged(waiting);
}

/**
 * Sets the state after a failed check. An available or staged release stays, because it was verified, unless the check
 * learned before its failure that the release was withdrawn. Otherwise the state is `idle`, or `stale` if the last
 * metadata has expired.
 */
export async function failCheck(
  context: Context,
  staged: StagedInstall,
  before: Phase,
  failure: UpdateError,
): Promise<UpdateState> {
  const { store } = context;
  const lastError = failure.toData();
  const { phase } = store.internal;
  if (before.type === 'available' && phase.type === 'checking' && phase.offer !== undefined) {
    return offerRelease(context, phase.offer, { manual: before.deferred === undefined, lastError });
  }
  const kept =
    before.type === 'staged' || before.type === 'needs-attention' ? await stillStaged(context, before) : undefined;
  if (kept !== undefined) return staged.markStaged(kept, true, lastError);
  const { lastCheck, trustExpires } = await context.preferences.get();
  if (trustExpires !== undefined && Date.parse(trustExpires) <= context.clock.now()) {
    return store.dispatch({ type: 'went-stale', since: trustExpires, error: lastError });
  }
  return store.dispatch({ type: 'check-failed', error: lastError, ...omitUndefined({ lastCheck }) });
}
