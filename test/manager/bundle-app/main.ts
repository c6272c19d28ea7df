import { app } from 'electron';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { createUpdater } from '../../../src/main/index.ts';

/**
 * The main process of a small app without windows. `NOTES_BUNDLES` names bundles to take, one after the other; what
 * became of each is a line of stdout. The last one is installed if it was staged. `NOTES_CLOCK_AHEAD` moves the clock of
 * the device, in days. Started by nobody in particular, it leaves its version in its home.
 */
const aheadMs = Number(process.env['NOTES_CLOCK_AHEAD'] ?? '0') * 86_400_000;
const now = Date.now;
Date.now = () => now() + aheadMs;

const updater = createUpdater();
// Not awaited by the module: Electron is ready only once it has been evaluated.
void run();

async function run(): Promise<void> {
  await app.whenReady();
  await updater.whenReady();
  const bundles = (process.env['NOTES_BUNDLES'] ?? '').split(':').filter((path) => path !== '');
  // What the updater starts again is the next version: it has nothing to take.
  delete process.env['NOTES_BUNDLES'];
  for (const bundle of bundles) {
    const state = await updater.installFromBundle(bundle);
    const code = 'lastError' in state ? state.lastError?.code : undefined;
    console.log(code ?? ('release' in state ? `${state.type} ${state.release.version}` : state.type));
  }
  if (bundles.length === 0) await writeFile(join(process.env['HOME'] ?? '', 'version'), app.getVersion());
  await updater.confirmHealthy();
  if (updater.state.type === 'staged') await updater.install('now');
  else app.exit(0);
}
