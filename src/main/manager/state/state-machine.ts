import { UpdateError, type UpdateErrorData } from '../../../shared/errors.ts';
import { explain, type Explanation, inEnglish } from '../../../shared/explanation.ts';
import type {
  Deferral,
  DisabledReason,
  InstallAt,
  PausedState,
  Progress,
  ReleaseSummary,
  UpdateState,
  UpdateStateType,
} from '../../../shared/state.ts';

/** What happens to the manager. Each is legal in some states only; see {@link allowedStates}. */
export type UpdateEvent =
  | { readonly type: 'disabled'; readonly reason: DisabledReason; readonly explanation: Explanation }
  | { readonly type: 'check-started' }
  | { readonly type: 'check-found-nothing'; readonly at: string }
  | { readonly type: 'check-failed'; readonly error: UpdateErrorData; readonly lastCheck?: string }
  | { readonly type: 'went-stale'; readonly since: string; readonly error?: UpdateErrorData }
  | {
      readonly type: 'found';
      readonly release: ReleaseSummary;
      readonly downloadSize: number;
      readonly fullSize: number;
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
  /** This version keeps failing, and there is no safe way back. */
  | { readonly type: 'unhealthy'; readonly error: UpdateErrorData }
  | { readonly type: 'reset' };

type EventType = UpdateEvent['type'];

/** States from which somebody may look for updates. */
const restful = ['idle', 'stale', 'available', 'staged', 'needs-attention', 'rolled-back'] as const;

/** The transition table: in which states an event is legal. */
export const allowedStates: Readonly<Record<EventType, readonly UpdateStateType[]>> = {
  disabled: ['idle', 'rolled-back'],
  'check-started': restful,
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
  'attention-needed': ['installing', 'staged'],
  'rolled-back': ['idle'],
  unhealthy: ['idle'],
  reset: ['stale', 'available', 'staged', 'needs-attention', 'rolled-back'],
};

/**
 * The next state. Pure: every change of state goes through here.
 * @throws UpdateError `MANAGER_WRONG_STATE` when the event is not legal in this state
 */
export function transition(state: UpdateState, event: UpdateEvent): UpdateState {
  if (!allowedStates[event.type].includes(state.type)) {
    throw new UpdateError(
      'MANAGER_WRONG_STATE',
      `"${event.type}" is not possible while the updater is "${state.type}".`,
      {
        details: { event: event.type, state: state.type },
      },
    );
  }
  switch (event.type) {
    case 'disabled':
      return {
        type: 'disabled',
        reason: event.reason,
        explanation: event.explanation,
        message: inEnglish(event.explanation),
      };
    case 'check-started':
      return { type: 'checking' };
    case 'check-found-nothing':
      return { type: 'idle', lastCheck: event.at };
    case 'check-failed':
      return {
        type: 'idle',
        lastError: event.error,
        ...given('lastCheck', event.lastCheck),
      };
    case 'went-stale':
      return { type: 'stale', since: event.since, ...given('lastError', event.error) };
    case 'found':
      return {
        type: 'available',
        release: event.release,
        downloadSize: event.downloadSize,
        fullSize: event.fullSize,
        ...given('deferred', event.deferred),
        ...given('lastError', event.lastError),
      };
    case 'deferred':
      return defer(state, event.deferral);
    case 'staged-lost':
    case 'unhealthy':
      return { type: 'idle', lastError: event.error };
    case 'rolled-back':
      return { type: 'rolled-back', from: event.from, to: event.to, reason: event.reason };
    case 'staged':
      return {
        type: 'staged',
        release: event.release,
        installAt: event.installAt,
        ...given('deferred', event.deferred),
        ...given('lastError', event.lastError),
      };
    case 'reset':
      return { type: 'idle' };
    case 'download-started':
      return { type: 'downloading', release: releaseOf(state), progress: event.progress };
    case 'progressed':
      return { type: 'downloading', release: releaseOf(state), progress: event.progress };
    case 'paused':
      return { type: 'paused', release: releaseOf(state), progress: progressOf(state), reason: event.reason };
    case 'resumed':
      return { type: 'downloading', release: releaseOf(state), progress: progressOf(state) };
    case 'verify-started':
      return { type: 'verifying', release: releaseOf(state) };
    case 'install-started':
      return { type: 'installing', release: releaseOf(state) };
    case 'install-failed':
      return { type: 'staged', release: releaseOf(state), installAt: event.installAt, lastError: event.error };
    case 'attention-needed':
      return {
        type: 'needs-attention',
        release: releaseOf(state),
        explanation: event.explanation,
        ...explain(event.explanation),
        error: event.error,
      };
  }
}

function defer(state: UpdateState, deferral: Deferral | undefined): UpdateState {
  if (state.type !== 'available' && state.type !== 'staged') return state;
  const { deferred: _, ...rest } = state;
  return { ...rest, ...given('deferred', deferral) };
}

/** A key only where there is a value: states are plain data without `undefined`. */
function given<K extends string, V>(key: K, value: V | undefined): { readonly [key in K]?: V } {
  return (value === undefined ? {} : { [key]: value }) as { readonly [key in K]?: V };
}

function releaseOf(state: UpdateState): ReleaseSummary {
  if ('release' in state) return state.release;
  throw new UpdateError('MANAGER_UNEXPECTED', `The state "${state.type}" has no release.`);
}

function progressOf(state: UpdateState): Progress {
  if ('progress' in state) return state.progress;
  throw new UpdateError('MANAGER_UNEXPECTED', `The state "${state.type}" has no progress.`);
}
