import { autoUpdater } from 'electron-updater';

/** The whole updater of many apps. */
export async function run(): Promise<unknown> {
  const downloaded = new Promise<string>((resolve) =>
    autoUpdater.once('update-downloaded', ({ version }) => resolve(version)),
  );
  await autoUpdater.checkForUpdatesAndNotify();
  return downloaded;
}
