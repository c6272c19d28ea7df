import type { UpdateErrorData } from '../shared/errors.ts';
import type { ReleaseSummary, UpdateState } from '../shared/state.ts';
import { type ProgressInfo, progressOf } from './payloads.ts';

/** An event of electron-updater, as data. */
export type StateEvent =
  | { readonly name: 'checking-for-update' }
  | { readonly name: 'update-not-available' }
  | { readonly name: 'update-available' | 'update-downloaded' | 'update-cancelled'; readonly release: ReleaseSummary }
  | { readonly name: 'download-progress'; readonly progress: ProgressInfo }
  | { readonly name: 'error'; readonly error: UpdateErrorData };

/** The events that electron-updater would emit for a change of state. Pure. */
export function eventsBetween(before: UpdateState, after: UpdateState): readonly StateEvent[] {
  const error = newError(before, after);
  if (error !== undefined) return [{ name: 'error', error }];
  switch (after.type) {
    case 'checking':
      return [{ name: 'checking-for-update' }];
    case 'idle':
      return before.type === 'checking' ? [{ name: 'update-not-available' }] : [];
    case 'available': {
      const { release } = after;
      if (before.type === 'checking') return [{ name: 'update-available', release }];
      return isUnderWay(before) ? [{ name: 'update-cancelled', release }] : [];
    }
    case 'downloading': {
      const last = 'progress' in before ? before.progress.received : 0;
      if (!isUnderWay(before) || after.progress.received === last) return [];
      return [{ name: 'download-progress', progress: progressOf(after.progress, last) }];
    }
    case 'staged': {
      const { release } = after;
      if (before.type === 'verifying' || isUnderWay(before)) return [{ name: 'update-downloaded', release }];
      // The update was downloaded before. electron-updater finds it in its cache and emits both events.
      if (before.type !== 'checking') return [];
      return [
        { name: 'update-available', release },
        { name: 'update-downloaded', release },
      ];
    }
    default:
      return [];
  }
}

/** The error of a state. */
export function errorIn(state: UpdateState): UpdateErrorData | undefined {
  if (state.type === 'needs-attention') return state.error;
  return 'lastError' in state ? state.lastError : undefined;
}

/** The error that is new in a state; `undefined` if the previous state already had it. */
function newError(before: UpdateState, after: UpdateState): UpdateErrorData | undefined {
  if (after.type === 'needs-attention') return before.type === 'needs-attention' ? undefined : after.error;
  const error = errorIn(after);
  return error === errorIn(before) ? undefined : error;
}

function isUnderWay({ type }: UpdateState): boolean {
  return type === 'downloading' || type === 'paused' || type === 'verifying';
}
