import { autoUpdater, type UpdateInfo } from 'electron-updater';

/** The app decides who gets a release, with what was there before for everybody else. */
export async function run(): Promise<unknown> {
  const usual = autoUpdater.isUserWithinRollout;
  autoUpdater.autoDownload = false;
  const asked: unknown[] = [];
  autoUpdater.isUserWithinRollout = async (info: UpdateInfo) => {
    asked.push([info.version, info.stagingPercentage ?? 100]);
    return asked.length > 1 ? usual(info) : false;
  };
  autoUpdater.isUpdateSupported = (info) => !info.version.startsWith('2.');
  const results = [await autoUpdater.checkForUpdates(), await autoUpdater.checkForUpdates()];
  return [asked, results.map((result) => result?.isUpdateAvailable)];
}
