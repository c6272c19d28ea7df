// One start of an app for `bench/startup.ts`: `--updater=WHICH` says with which updater. Prints one line of JSON.
import { app, BrowserWindow } from 'electron';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

// The built package and a link to its dependencies are next to this file.
const require = createRequire(import.meta.url);
const main = (kind) => new URL(`./package/main.${kind}`, import.meta.url);
const starts = {
  none: () => undefined,
  'ours (ESM)': async () => (await import(main('mjs').href)).createUpdater(),
  'ours (CommonJS)': () => require(fileURLToPath(main('cjs'))).createUpdater(),
  'electron-updater': () => require('electron-updater').autoUpdater,
};
const which = process.argv.find((argument) => argument.startsWith('--updater='))?.slice('--updater='.length) ?? '';

const before = performance.now();
const updater = await starts[which]();
const after = performance.now();

// Not awaited by the module: Electron is ready only once it has been evaluated.
void run();

async function run() {
  await app.whenReady();
  const window = new BrowserWindow({ show: false, webPreferences: { sandbox: true } });
  const shown = new Promise((resolve) => window.once('ready-to-show', resolve));
  await window.loadURL('data:text/html,<title>Startup</title><p>Here');
  await shown;
  const measured = {
    'import and call ms': after - before,
    'first window ms': performance.now(),
  };
  // What a start does after its first window counts, too.
  await updater?.whenReady?.();
  await new Promise((resolve) => setTimeout(resolve, 1500));
  measured['RSS MB'] = process.memoryUsage.rss() / 1e6;
  console.log(JSON.stringify(measured));
  app.exit();
}
