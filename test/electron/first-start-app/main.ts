/**
 * If `NOTES_PLAN` is set, this app updates itself. The new version then does what `NOTES_THEN` says. Each line of the
 * file `notes` in the app's home begins with a version.
 */
import { app } from 'electron';
import { appendFileSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

import { createUpdater } from '../../../src/main/index.ts';

const isOld = process.env['NOTES_PLAN'] !== undefined;
// The new version inherits the environment of this process, and it must not have a plan.
delete process.env['NOTES_PLAN'];
const home = process.env['HOME'] ?? '';
const version = app.getVersion();
// After a rollback, the old version starts without a plan and must work.
const then = isOld ? 'update' : version === '1.0.0' ? undefined : process.env['NOTES_THEN'];

function note(line: string): void {
  appendFileSync(join(home, 'notes'), `${version} ${line}\n`);
}

/** Returns the files, pipes and sockets that this process has open. */
function held(): readonly string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return Number(fd) > 2 ? [readlinkSync(`/proc/self/fd/${fd}`)] : [];
    } catch {
      // This descriptor was open only for reading the directory.
      return [];
    }
  });
}

app.on('window-all-closed', () => undefined);
note(`starts ${Date.now()}`);
if (then === 'throw before the updater') throw new Error('a bug in the main file');

const updater = createUpdater({
  healthyAfterSeconds: 'manual',
  firstStart: { loadMs: Number(process.env['NOTES_LOAD_MS'] ?? 20_000), hangMs: 5000, watchMs: 60_000 },
  logger: console,
});

switch (then) {
  case 'update':
    note(`inherits ${readlinkSync('/proc/self/fd/3')}`);
    void update();
    break;
  case 'confirm at once':
    void updater.confirmHealthy().then(() => endAbnormally('confirmed'));
    break;
  case 'migrate at once':
    void updater.pointOfNoReturn().then(() => endAbnormally('migrated'));
    break;
  case 'throw after the updater':
    throw new Error('a bug in the main file');
  case 'throw when it is ready':
    void app.whenReady().then(() => setTimeout(() => throwLate(), 0));
    break;
  case 'throw, and say so itself':
    process.on('uncaughtException', (error) => note(`heard ${error.message}`));
    void hearItself();
    break;
  default:
    void runWell();
}

function throwLate(): never {
  throw new Error('a bug after ready');
}

function endAbnormally(line: string): void {
  note(line);
  app.exit(9);
}

async function hearItself(): Promise<void> {
  await app.whenReady();
  setTimeout(() => throwLate(), 0);
  await updater.confirmHealthy();
  setTimeout(() => app.exit(0), 2000);
}

async function runWell(): Promise<void> {
  await app.whenReady();
  await updater.confirmHealthy();
  for (const path of held()) note(`holds ${path}`);
  note('runs');
  setTimeout(() => app.exit(0), 4000);
}

async function update(): Promise<void> {
  await app.whenReady();
  await updater.check();
  await updater.download();
  await updater.install('now');
  if (updater.state.type !== 'installing') console.log(JSON.stringify(updater.state));
}
