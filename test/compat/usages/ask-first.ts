import { autoUpdater, type UpdateCheckResult } from 'electron-updater';

/** The app asks its user, then downloads. */
export async function run(): Promise<unknown> {
  autoUpdater.autoDownload = false;
  autoUpdater.autoInstallOnAppQuit = true;
  const percents: number[] = [];
  autoUpdater.on('download-progress', ({ percent }) => percents.push(Math.round(percent)));
  const result: UpdateCheckResult | null = await autoUpdater.checkForUpdates();
  if (result === null || !result.isUpdateAvailable) return 'nothing';
  const before = result.downloadPromise ?? null;
  const files = await autoUpdater.downloadUpdate();
  return { before, files: files.length, last: percents.at(-1) };
}
