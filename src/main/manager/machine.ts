import { UpdateError, type UpdateErrorData } from '../../shared/errors.ts';
import type {
  DisabledReason,
  InstallAt,
  PausedState,
  Progress,
  ReleaseSummary,
  UpdateState,
  UpdateStateType,
} from '../../shared/state.ts';

/** What happens to the manager. Each is legal in some states only; see {@link legalIn}. */
export type UpdateEvent =
  | { readonly type: 'disabled'; readonly reason: DisabledReason; readonly message: string }
  | { readonly type: 'check-started' }
  | { readonly type: 'check-found-nothing'; readonly at: string }
  | { readonly type: 'check-failed'; readonly error: UpdateErrorData; readonly lastCheck?: string }
  | { readonly type: 'went-stale'; readonly since: string; readonly error?: UpdateErrorData }
  | {
      readonly type: 'found';
      readonly release: ReleaseSummary;
      readonly downloadSize: number;
      readonly fullSize: number;
    }
  | { readonly type: 'download-started'; readonly progress: Progress }
  | { readonly type: 'progressed'; readonly progress: Progress }
  | { readonly type: 'paused'; readonly reason: PausedState['reason'] }
  | { readonly type: 'resumed' }
  | { readonly type: 'download-failed'; readonly error: UpdateErrorData }
  | { readonly type: 'verify-started' }
  | { readonly type: 'staged'; readonly release: ReleaseSummary; readonly installAt: InstallAt }
  | { readonly type: 'install-started' }
  | { readonly type: 'install-failed'; readonly error: UpdateErrorData }
  | { readonly type: 'attention-needed'; readonly what: string; readonly how: string; readonly error: UpdateErrorData }
  | { readonly type: 'rolled-back'; readonly from: string; readonly to: string; readonly reason: string }
  | { readonly type: 'reset' };

type EventType = UpdateEvent['type'];

/** States from which somebody may look for updates. */
const restful = ['idle', 'stale', 'available', 'staged', 'needs-attention', 'rolled-back'] as const;

/** The transition table: in which states an event is legal. */
export const legalIn: Readonly<Record<EventType, readonly UpdateStateType[]>> = {
  disabled: ['idle'],
  'check-started': restful,
  'check-found-nothing': ['checking'],
  'check-failed': ['checking'],
  'went-stale': ['idle', 'checking', 'stale'],
  found: ['checking', 'downloading', 'paused', 'verifying'],
  'download-started': ['available'],
  progressed: ['downloading'],
  paused: ['downloading'],
  resumed: ['paused'],
  'download-failed': ['downloading', 'paused', 'verifying'],
  'verify-started': ['downloading'],
  staged: ['idle', 'checking', 'verifying', 'staged', 'installing'],
  'install-started': ['staged', 'needs-attention'],
  'install-failed': ['installing'],
  'attention-needed': ['installing', 'staged'],
  'rolled-back': ['idle'],
  reset: ['stale', 'available', 'staged', 'needs-attention', 'rolled-back'],
};

/**
 * The next state. Pure: every change of state goes through here.
 * @throws UpdateError `MANAGER_WRONG_STATE` when the event is not legal in this state
 */
export function transition(state: UpdateState, event: UpdateEvent): UpdateState {
  if (!legalIn[event.type].includes(state.type)) {
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
      return { type: 'disabled', reason: event.reason, message: event.message };
    case 'check-started':
      return { type: 'checking' };
    case 'check-found-nothing':
      return { type: 'idle', lastCheck: event.at };
    case 'check-failed':
      return {
        type: 'idle',
        lastError: event.error,
        ...(event.lastCheck === undefined ? {} : { lastCheck: event.lastCheck }),
      };
    case 'went-stale':
      return { type: 'stale', since: event.since, ...(event.error === undefined ? {} : { lastError: event.error }) };
    case 'found':
      return { type: 'available', release: event.release, downloadSize: event.downloadSize, fullSize: event.fullSize };
    case 'rolled-back':
      return { type: 'rolled-back', from: event.from, to: event.to, reason: event.reason };
    case 'staged':
      return { type: 'staged', release: event.release, installAt: event.installAt };
    case 'reset':
      return { type: 'idle' };
    case 'download-failed':
      return { type: 'idle', lastError: event.error };
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
      return { type: 'staged', release: releaseOf(state), installAt: 'now', lastError: event.error };
    case 'attention-needed':
      return {
        type: 'needs-attention',
        release: releaseOf(state),
        what: event.what,
        how: event.how,
        error: event.error,
      };
  }
}

function releaseOf(state: UpdateState): ReleaseSummary {
  if ('release' in state) return state.release;
  throw new UpdateError('MANAGER_UNEXPECTED', `The state "${state.type}" has no release.`);
}

function progressOf(state: UpdateState): Progress {
  if ('progress' in state) return state.progress;
  throw new UpdateError('MANAGER_UNEXPECTED', `The state "${state.type}" has no progress.`);
}
