import { existsSync, statSync } from 'node:fs';
import { basename, isAbsolute } from 'node:path';

import { autoUpdater } from 'electron-updater';

/** The size is shown before the download, the file after it. */
export async function run(): Promise<unknown> {
  const files: string[] = [];
  autoUpdater.on('update-downloaded', (event) => void files.push(event.downloadedFile));
  const result = await autoUpdater.checkForUpdates();
  const first = result?.updateInfo.files[0];
  const paths = await result?.downloadPromise;
  const [file = ''] = files;
  return {
    name: basename(first?.url ?? ''),
    size: first?.size,
    same: paths?.[0] === file,
    there: isAbsolute(file) && existsSync(file) && statSync(file).size === first?.size,
  };
}
