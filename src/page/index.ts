import type { UpdatesApi } from '../shared/ipc.ts';
import type { UpdateState } from '../shared/state.ts';

export type { Answer, UpdatesAnswer, UpdatesApi, UpdatesInfo } from '../shared/ipc.ts';
export type { ErrorReason } from '../shared/error-table.ts';
export { errorReason } from '../shared/public-error.ts';
export type * from '../shared/state.ts';

declare global {
  /** The preload's API, where `exposeUpdates()` ran under its usual name. */
  interface Window {
    readonly updates: UpdatesApi;
  }
}

/** What `useSyncExternalStore` of React takes, and a store to Svelte and Vue. */
export interface UpdateStore {
  /** Calls `listener` with the state, at once and after every change. The result unsubscribes. */
  readonly subscribe: (listener: (state: UpdateState) => void) => () => void;
  /** The state: the same object until it changes. */
  readonly getSnapshot: () => UpdateState;
}

/**
 * A store over `window.updates` for React, Vue and Svelte. The preload's own `getSnapshot` gives a new copy at each
 * call; this one keeps it, so that a framework sees when nothing has changed. One for a page is enough: it is fed as long
 * as the page lives.
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
      // One entry for each call, so that the same function may subscribe twice.
      const entry = (state: UpdateState): void => listener(state);
      listeners.add(entry);
      entry(snapshot);
      return () => void listeners.delete(entry);
    },
    getSnapshot: () => snapshot,
  };
}
