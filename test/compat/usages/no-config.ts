import { autoUpdater } from 'electron-updater';

/** A build without any configuration: everything may be read and set, a check fails. */
export async function run(): Promise<unknown> {
  const errors: string[] = [];
  autoUpdater.on('error', (error) => errors.push(error instanceof Error ? 'Error' : typeof error));
  autoUpdater.autoDownload = false;
  const read = [autoUpdater.currentVersion.format(), autoUpdater.channel, autoUpdater.isUpdaterActive()];
  const outcome = await autoUpdater.checkForUpdates().then(
    () => 'resolved',
    (error: unknown) => (error instanceof Error ? 'rejected' : 'odd'),
  );
  return { read, errors, outcome };
}
