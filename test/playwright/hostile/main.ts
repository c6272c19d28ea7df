/**
 * An app whose pages try what they may not. `--update=DIR` holds its root.json and update.json, `--preload=FILE` is the
 * plugin's preload with a way to say anything to the main process. The same file runs in Electron.
 */
import { app, BrowserWindow, protocol } from 'electron';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';

import { createUpdater, exposeUpdater, type UpdateConfig } from '../../../src/main/index.ts';

const options = { update: { type: 'string' }, preload: { type: 'string' } } as const;
const { values } = parseArgs({ args: process.argv.slice(1), strict: false, options });
const update = String(values.update);

// As an installed AppImage: what is refused could be done.
Object.defineProperty(app, 'isPackaged', { value: true });
process.env['APPDIR'] = dirname(process.execPath);

protocol.registerSchemesAsPrivileged([{ scheme: 'app', privileges: { standard: true, secure: true } }]);
const updater = createUpdater({
  config: JSON.parse(readFileSync(join(update, 'update.json'), 'utf8')) as UpdateConfig,
  root: readFileSync(join(update, 'root.json')),
});
exposeUpdater(updater, { channels: ['stable', 'beta'], origins: ['app://notes'] });

// Not awaited by the module: Electron is ready only once it has been evaluated.
void run();

async function run(): Promise<void> {
  await app.whenReady();
  protocol.handle('app', (request) => {
    const { pathname } = new URL(request.url);
    const isTop = pathname === '/index.html';
    const frames = '<iframe src="/frame.html" title="own"></iframe>';
    const html = `<!doctype html><title>Page</title>${isTop ? frames : 'A frame'}`;
    const policy = pathname === '/sandboxed.html' ? 'sandbox allow-scripts' : "default-src 'self'";
    return new Response(html, { headers: { 'content-type': 'text/html', 'content-security-policy': policy } });
  });

  const open = async (url: string): Promise<void> => {
    const window = new BrowserWindow({
      webPreferences: {
        preload: String(values.preload),
        sandbox: true,
        contextIsolation: true,
        // Only so that a frame can try at all.
        nodeIntegrationInSubFrames: true,
      },
    });
    await window.loadURL(url);
  };
  app.on('window-all-closed', () => app.quit());
  Object.assign(globalThis, { hostile: { updater, open } });
  await open('app://notes/index.html');
}
