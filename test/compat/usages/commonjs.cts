import type * as ElectronUpdater from 'electron-updater';

const { autoUpdater } = require('electron-updater') as typeof ElectronUpdater;

async function run(): Promise<unknown> {
  autoUpdater.autoDownload = false;
  const result = await autoUpdater.checkForUpdates();
  return [result?.isUpdateAvailable, result?.updateInfo.version];
}
exports.run = run;
