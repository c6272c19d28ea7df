import { app, autoUpdater as systemUpdater } from 'electron';
import { autoUpdater } from 'electron-updater';

/** The app restarts as soon as it can, and lets its windows close when it hears why. */
export async function run(): Promise<unknown> {
  const heard: string[] = [];
  systemUpdater.on('before-quit-for-update', () => heard.push('before-quit-for-update'));
  const quit = new Promise<string[]>((resolve) => app.on('before-quit', () => resolve([...heard, 'before-quit'])));
  autoUpdater.on('appimage-filename-updated', (path) => heard.push(path));
  autoUpdater.on('update-downloaded', () => {
    setImmediate(() => {
      app.removeAllListeners('window-all-closed');
      autoUpdater.quitAndInstall(false, true);
    });
  });
  await autoUpdater.checkForUpdates();
  return quit;
}
