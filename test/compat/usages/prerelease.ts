import { autoUpdater } from 'electron-updater';

export async function run(): Promise<unknown> {
  const before = autoUpdater.allowPrerelease;
  autoUpdater.allowPrerelease = true;
  autoUpdater.autoDownload = false;
  const result = await autoUpdater.checkForUpdates();
  return [before, autoUpdater.allowPrerelease, result?.updateInfo.version];
}
