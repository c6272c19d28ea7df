import { app, autoUpdater } from 'electron';

import type { SquirrelMac } from '../ports.ts';

/** Adapts Electron's own updater for the install hook on macOS. It must not be used on other systems. */
export function createSquirrelMac(): SquirrelMac {
  return {
    async check({ url, headers }) {
      // An install at the next launch starts before there are windows, and perhaps before Electron is ready.
      await app.whenReady();
      autoUpdater.setFeedURL({ url, headers: { ...headers } });
      autoUpdater.checkForUpdates();
    },
    onDownloaded(listener) {
      // The arguments are not needed: the release was verified before.
      const heard = (): void => listener();
      autoUpdater.on('update-downloaded', heard);
      return () => autoUpdater.off('update-downloaded', heard);
    },
    onError(listener) {
      autoUpdater.on('error', listener);
      return () => autoUpdater.off('error', listener);
    },
    quitAndInstall: () => autoUpdater.quitAndInstall(),
  };
}
