import { join } from 'node:path';

import { autoUpdater } from 'electron-updater';

/** As people try updates without packaging their app. */
export async function run(): Promise<unknown> {
  autoUpdater.forceDevUpdateConfig = true;
  autoUpdater.updateConfigPath = join(process.resourcesPath, 'app-update.yml');
  const running = autoUpdater.currentVersion.version;
  Object.assign(autoUpdater, { currentVersion: autoUpdater.currentVersion });
  autoUpdater.autoDownload = false;
  const result = await autoUpdater.checkForUpdates();
  return [running, autoUpdater.currentVersion.version, result?.updateInfo.version];
}
