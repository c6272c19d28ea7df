import { UpdateError, type UpdateErrorData } from '../../../shared/errors.ts';
import type { Explanation } from '../../../shared/explanation.ts';
import type {
  Deferral,
  DisabledReason,
  InstallAt,
  PausedState,
  Progress,
  ReleaseSummary,
  UpdateStateType,
} from '../../../shared/state.ts';
import { omitUndefined } from '../../../shared/omit-undefined.ts';
import type { TrustSummary } from '../../ports.ts';
import type { FoundOffer, Search } from '../offer.ts';
import type { AdminPolicy } from '../policy/admin-policy.ts';
import type { PolicyFile } from '../policy/admin-policy-file.ts';
import type { ManagerState, Phase } from './manager-state.ts';

/** Events that change the phase. Each is allowed only in some states; see {@link allowedStates}. */
export type UpdateEvent =
  | { readonly type: 'disabled'; readonly reason: DisabledReason; readonly explanation: Explanation }
  /** A check of a bundle does not forget that the user cancelled a download. */
  | { readonly type: 'check-started'; readonly source?: 'bundle' }
  | { readonly type: 'check-found-nothing'; readonly at: string }
  | { readonly type: 'check-failed'; readonly error: UpdateErrorData; readonly lastCheck?: string }
  | { readonly type: 'went-stale'; readonly since: string; readonly error?: UpdateErrorData }
  | {
      readonly type: 'found';
      readonly offer: FoundOffer;
      readonly deferred?: Deferral | undefined;
      readonly lastError?: UpdateErrorData | undefined;
    }
  | { readonly type: 'deferred'; readonly deferral: Deferral | undefined }
  | { readonly type: 'download-started'; readonly progress: Progress }
  | { readonly type: 'progressed'; readonly progress: Progress }
  | { readonly type: 'paused'; readonly reason: PausedState['reason'] }
  | { readonly type: 'resumed' }
  | { readonly type: 'verify-started' }
  | {
      readonly type: 'staged';
      readonly release: ReleaseSummary;
      readonly installAt: InstallAt;
      readonly deferred?: Deferral | undefined;
      readonly lastError?: UpdateErrorData | undefined;
    }
  | { readonly type: 'install-started' }
  | { readonly type: 'install-failed'; readonly error: UpdateErrorData; readonly installAt: InstallAt }
  | { readonly type: 'staged-lost'; readonly error: UpdateErrorData }
  | { readonly type: 'attention-needed'; readonly explanation: Explanation; readonly error: UpdateErrorData }
  | { readonly type: 'rolled-back'; readonly from: string; readonly to: string; readonly reason: string }
  /** The running version keeps failing and cannot be rolled back safely. */
  | { readonly type: 'unhealthy'; readonly error: UpdateErrorData }
  | { readonly type: 'reset' };

/** Events that change only facts. They are allowed in every state and do not change the public state. */
export type FactEvent =
  | { readonly type: 'policy-read'; readonly policyFile: PolicyFile; readonly policy: AdminPolicy }
  | { readonly type: 'channel-chosen'; readonly channel: string }
  | { readonly type: 'metadata-refreshed'; readonly trust: TrustSummary }
  | { readonly type: 'channel-searched'; readonly search: Search }
  | { readonly type: 'download-cancelled'; readonly version: string };

type EventType = UpdateEvent['type'];

/** States in which a check can start. */
const checkableStates = ['idle', 'stale', 'available', 'staged', 'needs-attention', 'rolled-back'] as const;

/** The transition table: the states in which an event is allowed. */
export const allowedStates: Readonly<Record<EventType, readonly UpdateStateType[]>> = {
  disabled: ['idle', 'rolled-back'],
  'check-started': checkableStates,
  'check-found-nothing': ['checking'],
  'check-failed': ['checking'],
  'went-stale': ['checking'],
  found: ['checking', 'downloading', 'paused', 'verifying'],
  deferred: ['available', 'staged'],
  'download-started': ['available'],
  progressed: ['downloading'],
  paused: ['downloading'],
  resumed: ['paused'],
  'verify-started': ['downloading', 'paused'],
  staged: ['idle', 'checking', 'verifying', 'staged', 'needs-attention'],
  'install-started': ['staged', 'needs-attention'],
  'install-failed': ['installing'],
  'staged-lost': ['installing'],
  'attention-needed': ['installing', 'staged', 'needs-attention'],
  'rolled-back': ['idle'],
  unhealthy: ['idle'],
  reset: ['stale', 'available', 'staged', 'needs-attention', 'rolled-back'],
};

/** Applies a fact. Pure. */
export function learn(state: ManagerState, event: FactEvent): ManagerState {
  switch (event.type) {
    case 'policy-read':
      return { ...state, policyFile: event.policyFile, policy: event.policy };
    case 'channel-chosen':
      return { ...state, channel: event.channel };
    case 'metadata-refreshed':
      return { ...state, trust: event.trust };
    case 'channel-searched':
      return { ...state, search: event.search, phase: withOffer(state.phase, event.search.offer) };
    case 'download-cancelled':
      return { ...state, cancelled: event.version };
  }
}

/** If the check fails after its search, the release that it found is available, not the one from before. */
function withOffer(phase: Phase, offer: FoundOffer | undefined): Phase {
  return phase.type === 'checking' ? { type: 'checking', ...omitUndefined({ offer }) } : phase;
}

/**
 * Returns the next state. Every change of the phase goes through this function. Pure.
 * @throws UpdateError `MANAGER_WRONG_STATE` if the event is not allowed in this state
 */
export function transition(state: ManagerState, event: UpdateEvent): ManagerState {
  const { cancelled, ...rest } = { ...state, phase: nextPhase(state.phase, event) };
  return isForgotten(event) ? rest : { ...rest, ...omitUndefined({ cancelled }) };
}

/** True if the event ends the effect of a cancelled download. */
function isForgotten(event: UpdateEvent): boolean {
  return event.type === 'download-started' || (event.type === 'check-started' && event.source !== 'bundle');
}

function nextPhase(phase: Phase, event: UpdateEvent): Phase {
  if (!allowedStates[event.type].includes(phase.type)) {
    throw new UpdateError(
      'MANAGER_WRONG_STATE',
      `"${event.type}" is not possible while the updater is "${phase.type}".`,
      { details: { event: event.type, state: phase.type } },
    );
  }
  switch (event.type) {
    case 'disabled':
      return { type: 'disabled', reason: event.reason, explanation: event.explanation };
    case 'check-started':
      return { type: 'checking', ...omitUndefined({ offer: phase.type === 'available' ? phase.offer : undefined }) };
    case 'check-found-nothing':
      return { type: 'idle', lastCheck: event.at };
    case 'check-failed':
      return { type: 'idle', lastError: event.error, ...omitUndefined({ lastCheck: event.lastCheck }) };
    case 'went-stale':
      return { type: 'stale', since: event.since, ...omitUndefined({ lastError: event.error }) };
    case 'deferred':
      return defer(phase, event.deferral);
    case 'staged-lost':
    case 'unhealthy':
      return { type: 'idle', lastError: event.error };
    case 'reset':
      return { type: 'idle' };
    case 'rolled-back':
      return { type: 'rolled-back', from: event.from, to: event.to, reason: event.reason };
    case 'found':
    case 'download-started':
    case 'progressed':
    case 'paused':
    case 'resumed':
    case 'verify-started':
      return nextOfOffer(phase, event);
    case 'staged':
    case 'install-started':
    case 'install-failed':
    case 'attention-needed':
      return nextOfStaged(phase, event);
  }
}

type OfferEvent = UpdateEvent & {
  readonly type: 'found' | 'download-started' | 'progressed' | 'paused' | 'resumed' | 'verify-started';
};

function nextOfOffer(phase: Phase, event: OfferEvent): Phase {
  switch (event.type) {
    case 'found': {
      const { offer, deferred, lastError } = event;
      return { type: 'available', offer, ...omitUndefined({ deferred, lastError }) };
    }
    case 'download-started':
    case 'progressed':
      return { type: 'downloading', offer: offerOf(phase), progress: event.progress };
    case 'paused':
      return { type: 'paused', offer: offerOf(phase), progress: progressOf(phase), reason: event.reason };
    case 'resumed':
      return { type: 'downloading', offer: offerOf(phase), progress: progressOf(phase) };
    case 'verify-started':
      return { type: 'verifying', offer: offerOf(phase) };
  }
}

type StagedEvent = UpdateEvent & {
  readonly type: 'staged' | 'install-started' | 'install-failed' | 'attention-needed';
};

function nextOfStaged(phase: Phase, event: StagedEvent): Phase {
  switch (event.type) {
    case 'staged': {
      const { release, installAt, deferred, lastError } = event;
      return { type: 'staged', release, installAt, ...omitUndefined({ deferred, lastError }) };
    }
    case 'install-started':
      return { type: 'installing', release: releaseOf(phase) };
    case 'install-failed':
      return { type: 'staged', release: releaseOf(phase), installAt: event.installAt, lastError: event.error };
    case 'attention-needed':
      return {
        type: 'needs-attention',
        release: releaseOf(phase),
        explanation: event.explanation,
        error: event.error,
      };
  }
}

function defer(phase: Phase, deferral: Deferral | undefined): Phase {
  if (phase.type !== 'available' && phase.type !== 'staged') return phase;
  const { deferred: _, ...rest } = phase;
  return { ...rest, ...omitUndefined({ deferred: deferral }) };
}

function offerOf(phase: Phase): FoundOffer {
  if ('offer' in phase && phase.offer !== undefined) return phase.offer;
  throw new UpdateError('MANAGER_UNEXPECTED', `The state "${phase.type}" has no offer.`);
}

function releaseOf(phase: Phase): ReleaseSummary {
  if ('release' in phase) return phase.release;
  throw new UpdateError('MANAGER_UNEXPECTED', `The state "${phase.type}" has no release.`);
}

function progressOf(phase: Phase): Progress {
  if ('progress' in phase) return phase.progress;
  throw new UpdateError('MANAGER_UNEXPECTED', `The state "${phase.type}" has no progress.`);
}
