import type { UpdateState } from '../../../shared/state.ts';
import type { Logger } from '../../ports.ts';
import { transition, type UpdateEvent } from './state-machine.ts';

/** The one state of a manager: every change goes through the machine, and every listener hears of it. */
export interface StateStore {
  readonly state: UpdateState;
  /** @throws UpdateError `MANAGER_WRONG_STATE` when the event is not legal now; the state stays as it is then */
  dispatch(event: UpdateEvent): UpdateState;
  subscribe(listener: (state: UpdateState) => void): () => void;
  /** Nobody is told of anything any more. */
  removeListeners(): void;
}

/** A listener that throws is reported in the log: it stops neither the updater nor the other listeners. */
export function createStateStore(logger: Logger): StateStore {
  const listeners = new Set<(state: UpdateState) => void>();
  let state: UpdateState = { type: 'idle' };
  return {
    get state() {
      return state;
    },
    dispatch(event) {
      state = transition(state, event);
      for (const listener of listeners) {
        try {
          listener(state);
        } catch (error) {
          logger.error('A listener of the updater failed.', error);
        }
      }
      return state;
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    removeListeners: () => listeners.clear(),
  };
}
