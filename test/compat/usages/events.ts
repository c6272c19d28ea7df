import { app } from 'electron';
import { autoUpdater } from 'electron-updater';

interface Message {
  readonly status: string;
  readonly version?: string;
  readonly percent?: number;
}

/** Every event becomes a message to a window. */
export async function run(): Promise<unknown> {
  const sent: Message[] = [];
  const send = (message: Message): void => {
    if (sent.at(-1)?.status !== message.status) sent.push(message);
  };
  autoUpdater.on('checking-for-update', () => send({ status: 'checking' }));
  autoUpdater.on('update-available', (info) => send({ status: 'available', version: info.version }));
  autoUpdater.on('update-not-available', (info) => send({ status: 'none', version: info.version }));
  autoUpdater.on('download-progress', (progress) => {
    const { percent, bytesPerSecond, transferred, total } = progress;
    if (!(bytesPerSecond >= 0 && transferred <= total)) throw new Error('No progress at all.');
    send({ status: 'downloading', percent: percent <= 100 ? 1 : 0 });
  });
  autoUpdater.on('update-downloaded', (info) => send({ status: 'ready', version: info.version }));
  autoUpdater.on('error', (error, message) => send({ status: `${error.name} ${message ?? ''}` }));
  await app.whenReady();
  const result = await autoUpdater.checkForUpdates();
  await result?.downloadPromise;
  return sent;
}
