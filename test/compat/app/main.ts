import { app } from 'electron';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { autoUpdater } from '../../../src/compat/index.ts';
import { toUpdateError } from '../../../src/shared/errors.ts';

/**
 * The main process of an app that was written for electron-updater. `NOTES_PLAN` says what it does; each event and
 * result is a line of stdout. Started by nobody in particular, it leaves its version in its home.
 */
const plan = process.env['NOTES_PLAN'];
// What the updater starts again is the next version: it has no plan.
delete process.env['NOTES_PLAN'];

let last = '';
function say(line: string): void {
  if (line !== last) console.log(line);
  last = line;
}

autoUpdater.logger = null;
autoUpdater.on('checking-for-update', () => say('checking-for-update'));
autoUpdater.on('update-available', ({ version }) => say(`update-available ${version}`));
autoUpdater.on('update-not-available', ({ version }) => say(`update-not-available ${version}`));
autoUpdater.on('download-progress', ({ percent }) => say(percent <= 100 ? 'download-progress' : 'too much'));
autoUpdater.on('update-downloaded', ({ version }) => say(`update-downloaded ${version}`));
autoUpdater.on('error', (error) => say(`error ${'code' in error ? String(error.code) : error.message}`));

async function check(): Promise<void> {
  try {
    const result = await autoUpdater.checkForUpdates();
    say(`result ${result?.isUpdateAvailable} ${result?.updateInfo.version}`);
    await result?.downloadPromise;
  } catch (error) {
    say(`rejected ${toUpdateError(error, 'MANAGER_UNEXPECTED').code}`);
  }
}

// Not awaited by the module: Electron is ready only once it has been evaluated.
void run();

async function run(): Promise<void> {
  await app.whenReady();
  switch (plan) {
    case 'restart':
      await check();
      autoUpdater.quitAndInstall();
      break;
    case 'ask-first':
      autoUpdater.autoDownload = false;
      await check();
      await autoUpdater.downloadUpdate();
      app.quit();
      break;
    case 'beta':
      autoUpdater.channel = 'beta';
      await check();
      app.quit();
      break;
    case 'latest':
      autoUpdater.channel = 'latest';
      autoUpdater.allowDowngrade = false;
      await check();
      autoUpdater.allowDowngrade = true;
      await check();
      app.quit();
      break;
    case 'check':
      await check();
      app.exit(0);
      break;
    default:
      await writeFile(join(process.env['HOME'] ?? '', 'version'), autoUpdater.currentVersion.format());
      app.exit(0);
  }
}
