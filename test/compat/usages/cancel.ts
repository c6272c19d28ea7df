import { autoUpdater, CancellationToken } from 'electron-updater';

/** A button cancels, another one starts again. */
export async function run(): Promise<unknown> {
  autoUpdater.autoDownload = false;
  const heard: string[] = [];
  autoUpdater.on('update-cancelled', ({ version }) => heard.push(`cancelled ${version}`));
  autoUpdater.on('update-downloaded', ({ version }) => heard.push(`downloaded ${version}`));
  autoUpdater.on('error', () => heard.push('error'));
  await autoUpdater.checkForUpdates();
  const token = new CancellationToken();
  const download = autoUpdater.downloadUpdate(token).then(
    () => 'done',
    () => 'rejected',
  );
  token.cancel();
  heard.push(await download);
  await autoUpdater.downloadUpdate(new CancellationToken());
  return [heard, token.cancelled];
}
