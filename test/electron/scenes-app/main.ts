/**
 * An app with one window. It takes the lock for a single instance unless `NOTES_LOCK` is `none`. `NOTES_WINDOW` says
 * how the window resists closing: `vetoes` with `beforeunload`, or `hides` as in apps that stay in the tray. Each
 * start, and each second instance that ends, adds a line to the file `notes` in the app's home.
 */
import { app, BrowserWindow } from 'electron';
import { appendFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { createUpdater, type InstallAt, type UpdateState } from '../../../src/main/index.ts';

/** The functions that the test can call. */
export interface ScenesApp {
  /** Checks and downloads. */
  stage(): Promise<UpdateState>;
  install(at: InstallAt): Promise<UpdateState>;
  /** Lets the window close from now on. */
  giveIn(): Promise<void>;
  windows(): readonly { readonly isVisible: boolean }[];
  /** Makes the staged file invalid as soon as the windows are closed. */
  spoilOnQuit(): void;
}

const home = process.env['HOME'] ?? '';
const note = (line: string): void => appendFileSync(join(home, 'notes'), `${app.getVersion()} ${line}\n`);

if (process.env['NOTES_LOCK'] === 'none' || app.requestSingleInstanceLock()) void run();
else {
  note('comes second');
  app.quit();
}

async function run(): Promise<void> {
  note('starts');
  const updater = createUpdater({ healthyAfterSeconds: 1, logger: console });
  await app.whenReady();
  const window = new BrowserWindow({ width: 300, height: 200 });
  const hide = (event: Electron.Event): void => {
    event.preventDefault();
    window.hide();
  };
  await window.loadURL('data:text/html,<title>Notes</title><p>Notes');
  if (process.env['NOTES_WINDOW'] === 'hides') window.on('close', hide);
  if (process.env['NOTES_WINDOW'] === 'vetoes') {
    await window.webContents.executeJavaScript('window.onbeforeunload = (event) => event.preventDefault(), 0', true);
  }
  const scenesApp: ScenesApp = {
    async stage() {
      await updater.check();
      return updater.download();
    },
    install: async (at) => updater.install(at),
    async giveIn() {
      window.off('close', hide);
      await window.webContents.executeJavaScript('window.onbeforeunload = null, 0');
    },
    windows: () => BrowserWindow.getAllWindows().map((one) => ({ isVisible: one.isVisible() })),
    spoilOnQuit() {
      window.once('closed', () => {
        const updates = join(process.env['XDG_STATE_HOME'] ?? '', 'org.example.notes/updates');
        const staged = join(updates, readdirSync(updates)[0] ?? '', 'staged');
        for (const name of readdirSync(staged))
          if (name.endsWith('.AppImage')) writeFileSync(join(staged, name), 'spoiled');
      });
    },
  };
  Object.assign(globalThis, { scenesApp });
}
