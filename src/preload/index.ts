import { contextBridge, ipcRenderer } from 'electron';

import { omitUndefined } from '../shared/omit-undefined.ts';
import { type Answer, type IpcCall, ipcCallChannel, ipcStateChannel, type UpdatesApi } from '../shared/ipc.ts';
import type { UpdateState } from '../shared/state.ts';

export type { Answer, UpdatesAnswer, UpdatesApi, UpdatesInfo } from '../shared/ipc.ts';
export type * from '../shared/state.ts';

/**
 * Milliseconds between a window's requests for the state until the main process answers. Each wait is twice as long as
 * the last.
 */
const firstWaitMs = 50;
const lastWaitMs = 3200;

/**
 * Exposes {@link UpdatesApi} to the page as `window.updates`, or under another name. Call it once in a preload script.
 * Sandbox and context isolation stay on. Only data and functions reach the page, never `ipcRenderer` and never an
 * event. Frames inside the page get nothing.
 */
export function exposeUpdates(name = 'updates'): void {
  const { top = globalThis } = globalThis as { readonly top?: unknown };
  if (top !== globalThis) return;
  contextBridge.exposeInMainWorld(name, createApi());
}

function createApi(): UpdatesApi {
  const listeners = new Set<(state: UpdateState) => void>();
  let snapshot: UpdateState = { type: 'idle' };

  function onState(state: UpdateState): void {
    snapshot = state;
    for (const listener of listeners) notify(listener, state);
  }

  async function call<T>(request: IpcCall): Promise<Answer<T>> {
    try {
      return (await ipcRenderer.invoke(ipcCallChannel, request)) as Answer<T>;
    } catch {
      // Electron rejects if the channel has no handler, that is if the main process did not call exposeUpdater().
      return { ok: false, error: disconnected };
    }
  }

  ipcRenderer.on(ipcStateChannel, (_event, state: UpdateState) => onState(state));
  /**
   * Subscribes this window and fills the snapshot. The request fails if the page's frame was replaced meanwhile, and if
   * the page asks before `exposeUpdater()` was called. Then the page asks again.
   */
  async function connect(waitMs = firstWaitMs): Promise<void> {
    const answer = await call<{ readonly state: UpdateState }>({ method: 'info' });
    if (answer.ok) onState(answer.state);
    else if (waitMs <= lastWaitMs) setTimeout(() => void connect(2 * waitMs), waitMs);
  }
  void connect();

  return {
    info: () => call({ method: 'info' }),
    subscribe(listener) {
      if (typeof listener !== 'function') throw new TypeError('subscribe() takes a function.');
      // One entry per call, so that the same function can subscribe twice.
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

/**
 * A listener that throws is a bug in the page. The error shows in the page's console, and the other listeners are still
 * called.
 */
function notify(listener: (state: UpdateState) => void, state: UpdateState): void {
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
  reason: 'other',
} as const;
