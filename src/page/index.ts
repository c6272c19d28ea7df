import type { ErrorReason } from '../shared/error-table.ts';
import type { UpdateErrorData } from '../shared/errors.ts';
import type { UpdatesApi } from '../shared/ipc.ts';
import type { UpdateState } from '../shared/state.ts';

export type { Answer, UpdatesAnswer, UpdatesApi, UpdatesInfo } from '../shared/ipc.ts';
export type { ErrorReason } from '../shared/error-table.ts';
export type * from '../shared/state.ts';

declare global {
  /** The preload's API, if `exposeUpdates()` ran with its default name. */
  interface Window {
    readonly updates: UpdatesApi;
  }
}

/** A store for React's `useSyncExternalStore`, Svelte and Vue. */
export interface UpdateStore {
  /** Calls `listener` with the state at once and after every change. The returned function unsubscribes. */
  readonly subscribe: (listener: (state: UpdateState) => void) => () => void;
  /** The current state. The same object until the state changes. */
  readonly getSnapshot: () => UpdateState;
}

/**
 * A store over `window.updates` for React, Vue and Svelte. The preload's `getSnapshot` returns a new copy at each call.
 * This store keeps one copy, so that a framework sees when nothing has changed. One store per page is enough, because
 * it stays subscribed as long as the page lives.
 */
export function createUpdateStore(api: Pick<UpdatesApi, 'subscribe' | 'getSnapshot'>): UpdateStore {
  const listeners = new Set<(state: UpdateState) => void>();
  let snapshot = api.getSnapshot();
  api.subscribe((state) => {
    snapshot = state;
    for (const listener of listeners) listener(state);
  });
  return {
    subscribe(listener) {
      // One entry per call, so that the same function can subscribe twice.
      const entry = (state: UpdateState): void => listener(state);
      listeners.add(entry);
      entry(snapshot);
      return () => void listeners.delete(entry);
    },
    getSnapshot: () => snapshot,
  };
}

/** What kind of error it is: enough to choose words that a person needs no dictionary for. */
export function errorReason({ reason }: Pick<UpdateErrorData, 'reason'>): ErrorReason {
  return reason;
}
