import { autoUpdater } from 'electron-updater';

/** What apps switch on and off. */
export async function run(): Promise<unknown> {
  autoUpdater.autoInstallOnAppQuit = false;
  autoUpdater.autoRunAppAfterInstall = false;
  autoUpdater.disableDifferentialDownload = true;
  autoUpdater.disableWebInstaller = true;
  autoUpdater.fullChangelog = false;
  autoUpdater.allowPrerelease = false;
  const result = await autoUpdater.checkForUpdates();
  const files = await result?.downloadPromise;
  return [autoUpdater.disableDifferentialDownload, autoUpdater.disableWebInstaller, files?.length];
}
