/**
 * The app of the polkit test, bundled into one file. An unprivileged user runs it. It updates itself as an app does,
 * and writes the result as JSON. A relaunch repeats only the arguments, so the first argument is this script again:
 * `notes app.mjs app.mjs <home>` relaunches as `notes app.mjs <home>`.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { createHeadlessUpdater, type UpdateState } from '../../../src/main/headless.ts';

const isRelaunched = process.argv.length === 3;
const output = process.argv.at(-1) ?? '';
const home = process.env['NOTES'] ?? '';
const resourcesPath = join(home, 'resources');
const { version } = JSON.parse(readFileSync(join(resourcesPath, 'update/installed.json'), 'utf8')) as {
  version: string;
};

function say(file: string, state: UpdateState): void {
  const path = join(output, file);
  writeFileSync(`${path}.part`, JSON.stringify({ version, uid: process.getuid?.(), state }));
  renameSync(`${path}.part`, path);
}

const updater = await createHeadlessUpdater({ name: 'notes', version, execPath: join(home, 'notes'), resourcesPath });
if (isRelaunched) {
  await updater.confirmHealthy();
  say('relaunched.json', updater.state);
} else {
  await updater.check();
  await updater.download();
  // If the new version was installed and started, the process ends in this call.
  say('failed.json', await updater.install('now'));
}
process.exit(0);
