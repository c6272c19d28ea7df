/** An app whose windows show what a test asks for. It counts how often it is confirmed as healthy. */
import { app, BaseWindow, BrowserWindow, protocol, WebContentsView, webContents } from 'electron';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

import { confirmWhenLoaded } from '../../../src/main/electron/health.ts';
import { silentLogger } from '../../../src/main/node/logger.ts';
import type { Updater } from '../../../src/main/manager/updater.ts';

/** The functions that the test can call. */
export interface HealthApp {
  /** Stops watching, closes all windows, and resets the count. */
  begin(): Promise<void>;
  watch(): void;
  /** Opens a window or a view, and waits until its page has loaded or failed. */
  open(url: string, options?: OpenOptions): Promise<void>;
  /** Runs code in the newest page without waiting for it. */
  run(code: string): void;
  /** Crashes the renderer of the newest page. */
  crash(): void;
  /** Loads another address into the newest page. */
  go(url: string): Promise<void>;
  confirmed(): number;
  /** The address of a server that answers 503. */
  busy(): string;
}

export interface OpenOptions {
  readonly as?: 'window' | 'view' | 'detached view';
  readonly preload?: 'fails';
}

const seconds = 0.3;
protocol.registerSchemesAsPrivileged([{ scheme: 'app', privileges: { standard: true, secure: true } }]);
app.on('window-all-closed', () => undefined);
const failing = join(app.getPath('temp'), 'failing-preload.cjs');
writeFileSync(failing, "throw new Error('a bug in the preload script');\n");

let stop = (): void => undefined;
let confirmed = 0;
let newest: Electron.WebContents | undefined;
const updater = { confirmHealthy: async () => Promise.resolve(void (confirmed += 1)) } as unknown as Updater;

function contentsFor({ as = 'window', preload }: OpenOptions): Electron.WebContents {
  const webPreferences = { sandbox: true, ...(preload === undefined ? {} : { preload: failing }) };
  if (as === 'window') return new BrowserWindow({ webPreferences }).webContents;
  const view = new WebContentsView({ webPreferences });
  if (as === 'view') new BaseWindow({ width: 400, height: 300 }).contentView.addChildView(view);
  return view.webContents;
}

const healthApp: HealthApp = {
  async begin() {
    await ready;
    stop();
    for (const window of BaseWindow.getAllWindows()) window.destroy();
    for (const contents of webContents.getAllWebContents()) contents.close();
    confirmed = 0;
  },
  watch() {
    stop = confirmWhenLoaded(updater, seconds, silentLogger);
  },
  async open(url, options = {}) {
    newest = contentsFor(options);
    // Some tests open a page that cannot be loaded.
    await newest.loadURL(url).catch(() => undefined);
  },
  run: (code) => void newest?.executeJavaScript(code).catch(() => undefined),
  crash: () => newest?.forcefullyCrashRenderer(),
  go: async (url) => newest?.loadURL(url).catch(() => undefined),
  confirmed: () => confirmed,
  busy: () => busy,
};
Object.assign(globalThis, { healthApp });
let busy = '';
const ready = run();

async function run(): Promise<void> {
  await app.whenReady();
  const html = (text: string, status = 200): Response =>
    new Response(text, {
      status,
      headers: { 'content-type': 'text/html', 'content-security-policy': "default-src 'none'" },
    });
  protocol.handle('app', ({ url }) => {
    const { pathname } = new URL(url);
    if (pathname === '/missing') return html('', 404);
    if (pathname === '/error') return html('<h1>Something went wrong</h1>', 500);
    return html(pathname === '/blank' ? '<!doctype html>' : '<h1>Works</h1>');
  });
  const server = createServer((_request, response) => response.writeHead(503).end('<h1>Busy</h1>'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  busy = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}
