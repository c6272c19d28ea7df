import { constants } from 'node:fs';
import { access, chmod, copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** What the demo app is packaged with: Electron where its binary is, else Node. */
export interface AppShell {
  readonly kind: 'electron' | 'node';
  /** An unpacked distribution for electron-builder's `electronDist`. */
  readonly dist: string;
}

/**
 * Electron's distribution when its binary is installed (`npx install-electron`, or ELECTRON_OVERRIDE_DIST_PATH), else a
 * stand-in in `directory` whose `electron` is a shell script that runs the app's main file with this process's Node.
 */
export async function findAppShell(directory: string): Promise<AppShell> {
  const dist = await electronDist();
  if (dist !== undefined) return { kind: 'electron', dist };
  await writeNodeShell(directory);
  return { kind: 'node', dist: directory };
}

/** Where Electron's binary is, if it is installed. Never `require('electron')`: without its binary that starts a download. */
export async function electronDist(): Promise<string | undefined> {
  const installed = dirname(new URL(import.meta.resolve('electron')).pathname);
  const overridden = process.env['ELECTRON_OVERRIDE_DIST_PATH'];
  try {
    const binary = await readFile(join(installed, 'path.txt'), 'utf8').catch(() => 'electron');
    const executable = join(overridden ?? join(installed, 'dist'), binary);
    await access(executable, constants.X_OK);
    return dirname(executable);
  } catch {
    return undefined;
  }
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
# Stands where Electron's binary stands in a packaged app: runs the app's main file in Node.
here=$(dirname "$(readlink -f "$0")")
exec "$here/node" "$here/resources/app/dist/main.js" "$@"
# Below: where electron-builder flips Electron's fuses. Nobody reads them here.
# ${fuseWire('10110001')}
`;

/** As in Electron's binary: a mark, the version 1, the length, a letter for each fuse. */
function fuseWire(fuses: string): string {
  return `dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX${String.fromCharCode(1, fuses.length)}${fuses}`;
}
