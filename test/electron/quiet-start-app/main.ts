/** An app that looks for what its updater has written when its first window is ready, and later. */
import { app, BrowserWindow } from 'electron';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { createUpdater } from '../../../src/main/index.ts';

/** The function that the test can call. */
export interface QuietStartApp {
  /** Had the updater written anything when the first window was ready? */
  seen(): boolean | undefined;
  /** Has it now? */
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
