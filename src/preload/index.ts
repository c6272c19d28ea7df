import { contextBridge, ipcRenderer } from 'electron';

import { omitUndefined } from '../shared/omit-undefined.ts';
import { type Answer, type IpcCall, ipcCallChannel, ipcStateChannel, type UpdatesApi } from '../shared/ipc.ts';
import type { UpdateState } from '../shared/state.ts';

export type { Answer, UpdatesAnswer, UpdatesApi, UpdatesInfo } from '../shared/ipc.ts';
export type * from '../shared/state.ts';

/** Milliseconds between the times that a window asks for the state until it is answered: each is twice as long. */
const firstWaitMs = 50;
const lastWaitMs = 3200;

/**
 * Puts {@link UpdatesApi} into the page, as `window.updates` unless another name is given. Call it once in a preload
 * script; sandbox and context isolation stay on. What reaches the page is data and functions: never `ipcRenderer`,
 * never an event. Frames inside the page get nothing.
 */
export function exposeUpdates(name = 'updates'): void {
  const { top = globalThis } = globalThis as { readonly top?: unknown };
  if (top !== globalThis) return;
  contextBridge.exposeInMainWorld(name, createApi());
}

function createApi(): UpdatesApi {
  const listeners = new Set<(state: UpdateState) => void>();
  let snapshot: UpdateState = { type: 'idle' };

  function heard(state: UpdateState): void {
    snapshot = state;
    for (const listener of listeners) tell(listener, state);
  }

  async function call<T>(request: IpcCall): Promise<Answer<T>> {
    try {
      return (await ipcRenderer.invoke(ipcCallChannel, request)) as Answer<T>;
    } catch {
      // Electron rejects when nobody handles the channel: the main process did not call exposeUpdater().
      return { ok: false, error: disconnected };
    }
  }

  ipcRenderer.on(ipcStateChannel, (_event, state: UpdateState) => heard(state));
  /**
   * Subscribes this window, and fills the snapshot. A page whose frame was replaced while it asked is told that it is gone,
   * and one that asked before `exposeUpdater()` was called gets no answer: it asks again.
   */
  async function begin(waitMs = firstWaitMs): Promise<void> {
    const answer = await call<{ readonly state: UpdateState }>({ method: 'info' });
    if (answer.ok) heard(answer.state);
    else if (waitMs <= lastWaitMs) setTimeout(() => void begin(2 * waitMs), waitMs);
  }
  void begin();

  return {
    info: () => call({ method: 'info' }),
    subscribe(listener) {
      if (typeof listener !== 'function') throw new TypeError('subscribe() takes a function.');
      // One entry for each call, so that the same function may subscribe twice.
      const entry = (state: UpdateState): void => listener(state);
      listeners.add(entry);
      return () => void listeners.delete(entry);
    },
    getSnapshot: () => snapshot,
    check: () => call({ method: 'check' }),
    download: () => call({ method: 'download' }),
    pause: () => call({ method: 'pause' }),
    resume: () => call({ method: 'resume' }),
    cancel: () => call({ method: 'cancel' }),
    install: (at = 'now') => call({ method: 'install', at }),
    skip: () => call({ method: 'skip' }),
    remindLater: (ms) => call({ method: 'remindLater', ...omitUndefined({ ms }) }),
    previewChannel: (channel) => call({ method: 'previewChannel', channel }),
    setChannel: (channel, options) =>
      call({ method: 'setChannel', channel, ...(options?.allowDowngrade === true ? { allowDowngrade: true } : {}) }),
    history: () => call({ method: 'history' }),
    diagnostics: () => call({ method: 'diagnostics' }),
  };
}

/** A listener that throws is the page's own bug: it shows in the page's console, and the others are told all the same. */
function tell(listener: (state: UpdateState) => void, state: UpdateState): void {
  try {
    listener(state);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}

const disconnected = {
  code: 'IPC_DISCONNECTED',
  phase: 'ipc',
  message: 'The update manager does not answer. Restart the app.',
  retriable: true,
} as const;
