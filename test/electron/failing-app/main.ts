/**
 * If `NOTES_PLAN` is set, this app updates itself from the channel `NOTES_CHANNEL`. `NOTES_FAULT` says how its versions
 * 1.1.x fail. Each start adds a line to the file `starts` in the app's home.
 */
import { app } from 'electron';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';

import { createUpdater } from '../../../src/main/index.ts';

const version = app.getVersion();
const plan = process.env['NOTES_PLAN'];
// The new version inherits the environment of this process, and it must not have a plan.
delete process.env['NOTES_PLAN'];
const fault = version.startsWith('1.1.') ? process.env['NOTES_FAULT'] : undefined;

appendFileSync(join(process.env['HOME'] ?? '', 'starts'), `${version}\n`);
app.on('window-all-closed', () => undefined);

if (fault === 'exits with a code') process.exit(7);
if (fault === 'crashes natively') process.crash();
if (fault === 'is killed, as by a lack of memory') process.kill(process.pid, 'SIGKILL');
if (fault === 'throws before its updater') throw new Error('a bug in the main file');
const nowhere: string = join(process.env['HOME'] ?? '', 'nowhere.mjs');
if (fault === 'imports what is not there') await import(nowhere);

const updater = createUpdater({
  healthyAfterSeconds: 'manual',
  channel: process.env['NOTES_CHANNEL'] ?? 'stable',
  firstStart: { loadMs: 8000, hangMs: 6000, watchMs: 60_000 },
  logger: console,
});
if (fault === 'throws after its updater') throw new Error('a bug in the main file');
if (fault === 'hangs') for (;;);
void run();

async function run(): Promise<void> {
  await app.whenReady();
  if (fault === 'throws when it is ready') setTimeout(() => throwLate(), 0);
  if (fault === 'ends with its page') endWithPage();
  if (fault !== undefined) return;
  await updater.confirmHealthy();
  if (plan === undefined) return app.exit(0);
  const found = updater.state;
  await updater.check();
  if (updater.state.type === 'available') await updater.download();
  if (updater.state.type === 'staged') await updater.install('now');
  if (updater.state.type === 'installing') return;
  console.log(JSON.stringify({ version, found, state: updater.state, history: await updater.history() }));
  app.exit(0);
}

function throwLate(): never {
  throw new Error('a bug after ready');
}

/** The renderer process crashes, and the main process then exits. */
function endWithPage(): void {
  app.on('render-process-gone', () => app.exit(1));
  void import('electron').then(async ({ BrowserWindow }) => {
    const window = new BrowserWindow({ show: false });
    await window.loadURL('data:text/html,<p>Notes');
    window.webContents.forcefullyCrashRenderer();
    return window;
  });
}
