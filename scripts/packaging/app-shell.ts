import { constants } from 'node:fs';
import { chmod, copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { canOpenDisplay, howToInstallDisplay } from '../electron/display.ts';
import { type ElectronDist, findElectron, howToInstallElectron } from '../electron/electron-dist.ts';
import { fuseWire } from '../electron/fuses.ts';

/** What the demo app is packaged with: Electron if available, otherwise a shell of plain Node. */
export interface AppShell {
  readonly kind: 'electron' | 'node';
  /** An unpacked distribution for electron-builder's `electronDist`. */
  readonly dist: string;
  readonly electron?: ElectronDist;
  /** What to install to use Electron, if it cannot be used. */
  readonly missing?: string;
}

/**
 * Electron, if it is installed and has a display. Otherwise a plain-Node shell in `directory`, whose `electron` is a
 * script that runs the app's main file in Node.
 */
export async function findAppShell(directory: string): Promise<AppShell> {
  const electron = await findElectron();
  const canShow = await canOpenDisplay();
  if (electron !== undefined && canShow) return { kind: 'electron', dist: electron.directory, electron };
  await writeNodeShell(directory);
  const missing = [
    ...(electron === undefined ? [howToInstallElectron] : []),
    ...(canShow ? [] : [howToInstallDisplay]),
  ];
  return { kind: 'node', dist: directory, missing: missing.join(' && ') };
}

async function writeNodeShell(directory: string): Promise<void> {
  await mkdir(join(directory, 'locales'), { recursive: true });
  await copyFile(process.execPath, join(directory, 'node'), constants.COPYFILE_FICLONE);
  await chmod(join(directory, 'node'), 0o755);
  const files = {
    electron: nodeLauncher,
    'chrome-sandbox': '#!/bin/sh\n',
    version: process.versions.node,
    LICENSE: '',
    'LICENSES.chromium.html': '',
  };
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(directory, name), content);
    await chmod(join(directory, name), 0o755);
  }
}

const nodeLauncher = `#!/bin/sh
# A shell of plain Node, where Electron's executable is in a packaged app: runs the app's main file.
here=$(dirname "$(readlink -f "$0")")
exec "$here/node" "$here/resources/app/dist/main.js" "$@"
# Below: where electron-builder flips Electron's fuses. Nothing reads them here.
# ${fuseWire('10110001')}
`;
