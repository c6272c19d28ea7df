import { contextBridge, ipcRenderer } from 'electron';

import { exposeUpdates } from '../../../src/preload/index.ts';

exposeUpdates();
/** Lets a page send what it could send if an attacker controlled its process. */
contextBridge.exposeInMainWorld('say', async (channel: string, ...args: unknown[]) =>
  ipcRenderer.invoke(channel, ...args),
);
