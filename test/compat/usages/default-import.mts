import updaterPackage, { type UpdateInfo } from 'electron-updater';

const { autoUpdater } = updaterPackage;

/** As ESM apps import a CommonJS package. */
export async function run(): Promise<unknown> {
  autoUpdater.autoDownload = false;
  const found: UpdateInfo[] = [];
  autoUpdater.on('update-available', (info) => found.push(info));
  await autoUpdater.checkForUpdates();
  return found.map(({ version, releaseDate }) => [version, Number.isNaN(Date.parse(releaseDate))]);
}
