import { autoUpdater, DOWNLOAD_PROGRESS, UPDATE_DOWNLOADED } from 'electron-updater';

/** Events by constants, and by signals. */
export async function run(): Promise<unknown> {
  const heard = new Set<string>();
  autoUpdater.on(DOWNLOAD_PROGRESS, () => heard.add('progress'));
  autoUpdater.on(UPDATE_DOWNLOADED, () => heard.add('downloaded'));
  autoUpdater.signals.progress(({ percent }) => heard.add(`signal ${percent >= 0 ? 'progress' : ''}`));
  autoUpdater.signals.updateDownloaded(({ version }) => heard.add(`signal ${version}`));
  autoUpdater.signals.updateCancelled(() => heard.add('signal cancelled'));
  await (
    await autoUpdater.checkForUpdates()
  )?.downloadPromise;
  return [...heard].sort();
}
