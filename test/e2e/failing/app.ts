/** A small app that can fail as it is told: what a release of Notes would be, without its windows. */
import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { createHeadlessUpdater } from '../../../src/main/headless.ts';

const here = process.env['NOTES_DIRECTORY'] ?? '';
const home = process.env['HOME'] ?? '';
const { version, fault } = JSON.parse(await readFile(join(here, 'resources/app.json'), 'utf8')) as {
  readonly version: string;
  readonly fault: string;
};

await appendFile(join(home, 'starts'), `${version}\n`);
const starts = (await readFile(join(home, 'starts'), 'utf8')).split('\n').filter((line) => line === version).length;
if (fault === 'crashes at start') process.exit(7);

const updater = await createHeadlessUpdater({
  name: 'Notes',
  version,
  execPath: join(here, 'notes'),
  resourcesPath: join(here, 'resources'),
  firstStart: { hangMs: 5000 },
});
if (fault === 'hangs') for (;;);
if (fault === 'crashes after it migrated its data' && starts <= 2) {
  await updater.pointOfNoReturn();
  process.exit(3);
}
const found = updater.state;
await updater.confirmHealthy();
if (process.argv.includes('--update')) {
  await updater.check();
  if (updater.state.type === 'available') await updater.download();
  if (updater.state.type === 'staged') await updater.install('now');
}
console.log(JSON.stringify({ version, found, state: updater.state, history: await updater.history() }));
process.exit(0);
