/**
 * An app whose pages try what they must not do. Its preload script is the plugin's, with a way to send anything to the
 * main process.
 */
import { app, BaseWindow, BrowserWindow, protocol, WebContentsView } from 'electron';
import { dirname, join } from 'node:path';

import { createUpdater, exposeUpdater } from '../../../src/main/index.ts';

protocol.registerSchemesAsPrivileged([{ scheme: 'app', privileges: { standard: true, secure: true } }]);
// AppImage's runtime sets this variable to the directory where it has mounted the app.
process.env['APPDIR'] = dirname(process.execPath);
const updater = createUpdater();
exposeUpdater(updater, { channels: ['stable', 'beta'], origins: ['app://notes'] });

function contentsFor(as: 'window' | 'view', options: Electron.WebContentsViewConstructorOptions): Electron.WebContents {
  if (as === 'window') return new BrowserWindow(options).webContents;
  const view = new WebContentsView(options);
  const window = new BaseWindow({ width: 600, height: 400 });
  window.contentView.addChildView(view);
  view.webContents.once('destroyed', () => window.destroy());
  return view.webContents;
}

// The module does not await this, because Electron becomes ready only after it has evaluated the module.
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

  const open = async (url: string, as: 'window' | 'view' = 'window'): Promise<void> => {
    const options = {
      webPreferences: {
        preload: join(import.meta.dirname, 'preload.cjs'),
        sandbox: true,
        contextIsolation: true,
        // Without this, a frame has no preload script and could not try anything.
        nodeIntegrationInSubFrames: true,
      },
    };
    await contentsFor(as, options).loadURL(url);
  };
  app.on('window-all-closed', () => app.quit());
  Object.assign(globalThis, { hostile: { updater, open } });
  await open('app://notes/index.html');
}
