import { app, BrowserWindow, Menu, nativeTheme } from 'electron';
import { join } from 'node:path';

import {
  confirmDowngrade,
  createUpdater,
  exposeUpdater,
  UpdateError,
  type UpdateErrorData,
  type Updater,
  updateMenuItem,
} from '../../src/main/index.ts';
import { applicationMenu } from './menu.ts';
import { hardenSession, hardenWebContents } from './hardening.ts';
import { appOrigin, registerAppScheme, serveRenderer } from './app-protocol.ts';
import { type NotesOptions, readOptions } from './options.ts';
import { connectReporter } from './report.ts';
import { updateNow } from './self-update.ts';

/** The channels that the user can choose in the window. */
const channels = ['stable', 'beta'];
const here = import.meta.dirname;

/** Runs Notes with its window in Electron. */
export async function runInElectron(): Promise<void> {
  const options = readOptions(process.argv.slice(1));
  if (options.version) return say(`Notes ${app.getVersion()}`);
  registerAppScheme();
  app.enableSandbox();
  app.on('web-contents-created', (_event, contents) => hardenWebContents(contents));

  // An interrupted install is finished before a window opens.
  const updater = createUpdater({ logger: console });
  exposeUpdater(updater, { channels, origins: [appOrigin], confirmDowngrade: confirmDowngrade(updater) });
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit();
  });

  await app.whenReady();
  hardenSession();
  serveRenderer(join(here, 'renderer'));
  const buildMenu = (): Menu => applicationMenu(updateMenuItem(updater, { logger: console, rebuild: buildMenu }));
  Menu.setApplicationMenu(buildMenu());
  app.on('activate', () => {
    if (BrowserWindow.getAllWindows().length === 0) void openWindow();
  });
  const window = await openWindow();
  // The page shows the state, so this version works, and the previous version may be removed.
  await window.webContents.executeJavaScript(untilPageWorks);
  await updater.confirmHealthy();
  await runErrands(updater, options);
}

/** Resolves once the page shows the main process's answer: its script, the preload script and IPC work. */
const untilPageWorks = `new Promise((resolve) => {
  const look = () => document.getElementById('chip-version')?.textContent ? resolve() : setTimeout(look, 50);
  look();
})`;

async function openWindow(): Promise<BrowserWindow> {
  const window = new BrowserWindow({
    title: 'Notes',
    width: 1120,
    height: 760,
    minWidth: 360,
    minHeight: 400,
    show: false,
    autoHideMenuBar: true,
    backgroundColor: nativeTheme.shouldUseDarkColors ? '#1d1c1a' : '#fdfcfa',
    webPreferences: {
      preload: join(here, 'preload.cjs'),
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webviewTag: false,
    },
  });
  window.once('ready-to-show', () => window.show());
  await window.loadURL(`${appOrigin}/index.html`);
  return window;
}

/** Performs what the command line asks for. */
async function runErrands(updater: Updater, { report, channel, update }: NotesOptions): Promise<void> {
  const version = app.getVersion();
  const reporter = report === undefined ? undefined : await connectReporter(report, () => app.exit(0));
  reporter?.send({ type: 'started', version, pid: process.pid });
  updater.subscribe((state) => reporter?.send({ type: 'state', state }));
  const error = await failureOf(async () => {
    if (channel !== undefined) await updater.setChannel(channel);
    return update ? updateNow(updater, version) : undefined;
  });
  if (error === undefined) return update ? app.quit() : undefined;
  reporter?.send({ type: 'failed', error });
  console.error(`${error.code}: ${error.message}`);
  app.exit(1);
}

/** The error of the work, whether it returns or throws it. @throws errors that are not `UpdateError`s */
async function failureOf(work: () => Promise<UpdateErrorData | undefined>): Promise<UpdateErrorData | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UpdateError) return error.toData();
    throw error;
  }
}

function say(text: string): void {
  console.log(text);
  app.exit(0);
}
