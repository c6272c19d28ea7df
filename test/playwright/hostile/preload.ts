import { contextBridge, ipcRenderer } from 'electron';

import { exposeUpdates } from '../../../src/preload/index.ts';

exposeUpdates();
/** What a page could say whose process has been taken over. */
contextBridge.exposeInMainWorld('say', async (channel: string, ...args: unknown[]) =>
  ipcRenderer.invoke(channel, ...args),
);
