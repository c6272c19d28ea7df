import type { UpdateState } from '../../../shared/state.ts';
import type { Logger } from '../../ports.ts';
import { type ManagerState, toPublicState } from './manager-state.ts';
import { type FactEvent, learn, transition, type UpdateEvent } from './state-machine.ts';

/** The one state of a manager: every change goes through the reducer, and listeners hear what others may see of it. */
export class StateStore {
  readonly #listeners = new Set<(state: UpdateState) => void>();
  readonly #logger: Logger;
  #internal: ManagerState;
  #public: UpdateState;

  constructor(initial: ManagerState, logger: Logger) {
    this.#internal = initial;
    this.#public = toPublicState(initial.phase);
    this.#logger = logger;
  }

  /** What others see: the same object until an event changes it. */
  get state(): UpdateState {
    return this.#public;
  }

  /** All that the manager knows. */
  get internal(): ManagerState {
    return this.#internal;
  }

  /**
   * A listener that throws is reported in the log: it stops neither the updater nor the other listeners.
   * @throws UpdateError `MANAGER_WRONG_STATE` when the event is not legal now; the state stays as it is then
   */
  dispatch(event: UpdateEvent): UpdateState {
    this.#internal = transition(this.#internal, event);
    this.#public = toPublicState(this.#internal.phase);
    const state = this.#public;
    for (const listener of this.#listeners) {
      try {
        listener(state);
      } catch (error) {
        this.#logger.error('A listener of the updater failed.', error);
      }
    }
    return state;
  }

  /** Nothing that others see changes. */
  learn(fact: FactEvent): void {
    this.#internal = learn(this.#internal, fact);
  }

  subscribe(listener: (state: UpdateState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** No listener hears of anything any more. */
  removeListeners(): void {
    this.#listeners.clear();
  }
}
