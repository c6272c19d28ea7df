import { autoUpdater } from 'electron-updater';

const useBeta = process.env['NOTES_USE_BETA'] === 'yes';

/** The channel comes from the app's own settings. */
export async function run(): Promise<unknown> {
  autoUpdater.channel = useBeta ? 'beta' : 'latest';
  autoUpdater.allowPrerelease = useBeta;
  autoUpdater.allowDowngrade = false;
  autoUpdater.autoDownload = false;
  const result = await autoUpdater.checkForUpdates();
  return [autoUpdater.channel, autoUpdater.allowPrerelease, autoUpdater.allowDowngrade, result?.updateInfo.version];
}
