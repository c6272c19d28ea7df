/** An app that checks whether its updater has written files, when the first window is ready and later. */
import { app, BrowserWindow } from 'electron';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { createUpdater } from '../../../src/main/index.ts';

/** The function that the test can call. */
export interface QuietStartApp {
  /** True if the updater had written files when the first window was ready; `undefined` before that. */
  seen(): boolean | undefined;
  /** True if the updater has written files by now. */
  sees(): boolean;
}

const updates = join(process.env['XDG_STATE_HOME'] ?? '', 'org.example.notes/updates');
let seen: boolean | undefined;

createUpdater({ automatic: true });
void app.whenReady().then(() => {
  const window = new BrowserWindow({ show: false });
  window.once('ready-to-show', () => (seen = existsSync(updates)));
  return window.loadURL('data:text/html,<p>Notes');
});
const quietStartApp: QuietStartApp = { seen: () => seen, sees: () => existsSync(updates) };
Object.assign(globalThis, { quietStartApp });
