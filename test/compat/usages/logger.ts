import { autoUpdater } from 'electron-updater';

/** electron-log is set, with what it has besides; other apps set their own object, or none. */
export async function run(): Promise<unknown> {
  const lines: unknown[] = [];
  const note = (message?: unknown): void => void lines.push(message);
  const log = { info: note, warn: note, error: note, debug: note, transports: { file: { level: 'warn' } } };
  autoUpdater.logger = log;
  (autoUpdater.logger as typeof log).transports.file.level = 'info';
  autoUpdater.logger?.info?.('configured');
  await autoUpdater.checkForUpdates();
  const first = lines[0];
  autoUpdater.logger = null;
  (autoUpdater.logger as typeof log | null)?.info('not logged');
  return [first, lines.includes('not logged'), log.transports.file.level];
}
