import { app } from 'electron';
import { autoUpdater } from 'electron-updater';

/** Proxy settings of the app, for the updater's own session; and a proxy that asks who it is. */
export async function run(): Promise<unknown> {
  await app.whenReady();
  autoUpdater.on('login', (authInfo, callback) => {
    if (authInfo.isProxy) callback('user', 'password');
    else callback('', '');
  });
  autoUpdater.signals.login((_authInfo, callback) => callback('user', 'password'));
  await autoUpdater.netSession.closeAllConnections();
  await autoUpdater.netSession.setProxy({ mode: 'direct' });
  const result = await autoUpdater.checkForUpdates();
  return [result?.updateInfo.version, autoUpdater.listenerCount('login')];
}
