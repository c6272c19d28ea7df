import type { UpdateState } from '../../../shared/state.ts';
import type { Logger } from '../../ports.ts';
import { type ManagerState, toPublicState } from './manager-state.ts';
import { type FactEvent, learn, transition, type UpdateEvent } from './state-machine.ts';

/** Holds the state of a manager. Every change goes through the reducer, and listeners get the public state. */
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

  /** The public state. The same object until an event changes it. */
  get state(): UpdateState {
    return this.#public;
  }

  /** The complete state. */
  get internal(): ManagerState {
    return this.#internal;
  }

  /**
   * Applies an event and calls the listeners. An exception of a listener is logged and stops neither the updater nor the
   * other listeners.
   * @throws UpdateError `MANAGER_WRONG_STATE` if the event is not allowed now; the state does not change then
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

  /** Applies a fact. The public state does not change. */
  learn(fact: FactEvent): void {
    this.#internal = learn(this.#internal, fact);
  }

  subscribe(listener: (state: UpdateState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Removes all listeners. */
  removeListeners(): void {
    this.#listeners.clear();
  }
}
