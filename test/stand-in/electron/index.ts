/**
 * The `electron` module of the stand-in: what the plugin and the demo app use of Electron's main process. Windows are
 * pages of Chromium, menus and dialogs are not drawn. See ../README.md for what it can not show.
 */
import { EventEmitter } from 'node:events';

export { app } from './app.ts';
export { BrowserWindow } from './browser-window.ts';
export { ipcMain } from './ipc-main.ts';
export { Menu, MenuItem } from './menu.ts';
export { net, session } from './net.ts';
export { protocol } from './protocol.ts';
export { webContentsModule as webContents } from './web-contents.ts';

/** Nobody clicks: a message box stays open unless a test replaces these functions. */
export const dialog = {
  showMessageBox: async () => new Promise<never>(() => undefined),
  showErrorBox() {},
};

export const shell = { openExternal: async () => Promise.resolve(), openPath: async () => Promise.resolve('') };

export const powerMonitor = Object.assign(new EventEmitter(), {
  onBatteryPower: false,
  isOnBatteryPower: () => false,
  getSystemIdleState: () => 'active',
});

export const nativeTheme = Object.assign(new EventEmitter(), { shouldUseDarkColors: false, themeSource: 'system' });

/** Squirrel is on macOS only. */
export const autoUpdater = Object.assign(new EventEmitter(), {
  setFeedURL() {},
  getFeedURL: () => '',
  checkForUpdates() {
    throw new Error('autoUpdater is not supported on this platform.');
  },
  quitAndInstall() {},
});
