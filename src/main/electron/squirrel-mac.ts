import { app, autoUpdater } from 'electron';

import type { SquirrelMac } from '../ports.ts';

/** Electron's own updater on macOS as the install hook sees it. Elsewhere it must not be touched. */
export function createSquirrelMac(): SquirrelMac {
  return {
    async check({ url, headers }) {
      // At the next launch an update is installed before there are windows, and perhaps before Electron is ready.
      await app.whenReady();
      autoUpdater.setFeedURL({ url, headers: { ...headers } });
      autoUpdater.checkForUpdates();
    },
    onDownloaded(listener) {
      // Its arguments tell what Squirrel believes of the release; what counts was verified before.
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
