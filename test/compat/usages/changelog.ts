import { autoUpdater } from 'electron-updater';

/** Notes are a text, or a list with fullChangelog: apps take both. */
export async function run(): Promise<unknown> {
  autoUpdater.fullChangelog = true;
  autoUpdater.autoDownload = false;
  const notes = (await autoUpdater.checkForUpdates())?.updateInfo.releaseNotes;
  const text = Array.isArray(notes) ? notes.map((one) => one.note ?? '').join('\n') : (notes ?? '');
  return text.includes('New tags');
}
