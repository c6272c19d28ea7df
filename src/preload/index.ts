import { contextBridge, ipcRenderer } from 'electron';

import { type IpcCall, ipcCallChannel, ipcStateChannel, type UpdatesAnswer, type UpdatesApi } from '../shared/ipc.ts';
import type { UpdateState } from '../shared/state.ts';

export type { UpdatesAnswer, UpdatesApi, UpdatesInfo } from '../shared/ipc.ts';
export type * from '../shared/state.ts';

/**
 * Puts {@link UpdatesApi} into the page, as `window.updates` unless another name is given. Call it once in a preload
 * script; sandbox and context isolation stay on. What reaches the page is data and functions: never `ipcRenderer`,
 * never an event.
 */
export function exposeUpdates(name = 'updates'): void {
  contextBridge.exposeInMainWorld(name, createApi());
}

function createApi(): UpdatesApi {
  const listeners = new Set<(state: UpdateState) => void>();
  let snapshot: UpdateState = { type: 'idle' };

  function heard(state: UpdateState): void {
    snapshot = state;
    for (const listener of listeners) listener(state);
  }

  async function call(request: IpcCall): Promise<UpdatesAnswer> {
    try {
      const answer = (await ipcRenderer.invoke(ipcCallChannel, request)) as UpdatesAnswer;
      if (answer.ok && request.method === 'info') heard(answer.state);
      return answer;
    } catch {
      // Electron rejects when nobody handles the channel: the main process did not call exposeUpdater().
      return { ok: false, error: disconnected };
    }
  }

  ipcRenderer.on(ipcStateChannel, (_event, state: UpdateState) => heard(state));
  // Subscribes this window, and fills the snapshot.
  void call({ method: 'info' });

  return {
    info: () => call({ method: 'info' }),
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    getSnapshot: () => snapshot,
    check: () => call({ method: 'check' }),
    download: () => call({ method: 'download' }),
    pause: () => call({ method: 'pause' }),
    resume: () => call({ method: 'resume' }),
    cancel: () => call({ method: 'cancel' }),
    install: (at = 'now') => call({ method: 'install', at }),
    setChannel: (channel) => call({ method: 'setChannel', channel }),
  };
}

const disconnected = {
  code: 'IPC_DISCONNECTED',
  phase: 'ipc',
  message: 'The update manager does not answer. Restart the app.',
  retriable: true,
} as const;
