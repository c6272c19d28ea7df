/**
 * One start of an app, for `startup.ts`: `node --import ./test/stand-in/register.ts bench/startup-contender.ts WHICH`.
 * Prints the milliseconds that an updater's import and first call take. Electron's module is the stand-in's, loaded
 * before the clock starts, as Electron's own is.
 */
import { createRequire } from 'node:module';

import { app } from 'electron';

Object.assign(process, { resourcesPath: import.meta.dirname, getSystemVersion: () => '6.1.0' });
app.getVersion = () => '1.0.0';
const require = createRequire(import.meta.url);

const starts: Readonly<Record<string, () => unknown>> = {
  'ours (ESM)': async () => {
    const { createUpdater } = (await import(new URL('../dist/main.mjs', import.meta.url).href)) as Main;
    return createUpdater();
  },
  'ours (CommonJS)': () => (require('../dist/main.cjs') as Main).createUpdater(),
  'electron-updater': () => (require('electron-updater') as { readonly autoUpdater: unknown }).autoUpdater,
};

interface Main {
  readonly createUpdater: () => unknown;
}

const start = starts[process.argv[2] ?? ''];
if (start === undefined) throw new Error(`Which? ${Object.keys(starts).join(', ')}`);
const before = performance.now();
await start();
console.log(performance.now() - before);
process.exit(0);
