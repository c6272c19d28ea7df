/**
 * The `electron` module of the stand-in: what the plugin and the demo app use of Electron's main process. Windows are
 * pages of Chromium, menus, dialogs and notifications are not drawn. See ../README.md for what it cannot show.
 */
import { EventEmitter } from 'node:events';

import { showMessageBox } from './message-box.ts';

export { app } from './app.ts';
export { BrowserWindow } from './browser-window.ts';
export { ipcMain } from './ipc-main.ts';
export { Menu, MenuItem } from './menu.ts';
export { net } from './net.ts';
export { Notification } from './notification.ts';
export { protocol } from './protocol.ts';
export { session } from './session.ts';
export { webContentsModule as webContents } from './web-contents.ts';

/** A message box is a page; tests may replace these functions to answer for a person. */
export const dialog = { showMessageBox, showErrorBox() {} };

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
