import { spawn } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { mkdir, readlink, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { type Chromium, startChromium } from '../chromium.ts';
import { closeAllWindows, destroyAllWindows, windowCount } from './windows.ts';

export interface AppDescription {
  readonly name: string;
  readonly version: string;
  readonly path: string;
  readonly devToolsPort: string | undefined;
  readonly isPackaged: boolean;
}

interface RelaunchOptions {
  readonly args?: readonly string[];
  readonly execPath?: string;
}

/** An event of which `preventDefault` can be called. */
export function cancellable(): { preventDefault(): void; readonly defaultPrevented: boolean } {
  let prevented = false;
  return {
    preventDefault: () => void (prevented = true),
    get defaultPrevented() {
      return prevented;
    },
  };
}

let description: AppDescription = {
  name: 'Electron',
  version: '0.0.0',
  path: '.',
  devToolsPort: undefined,
  isPackaged: false,
};
let browser: Chromium | undefined;
let quitting = false;
let leaving = false;
let relaunch: RelaunchOptions | undefined;
const paths = new Map<string, string>();
const ready = Promise.withResolvers<void>();

/** The browser that shows the windows; there from `ready` on. */
export function chromium(): Chromium {
  if (browser === undefined) throw new Error('Cannot create BrowserWindow before app is ready');
  return browser;
}

const events = new EventEmitter();

export const app = Object.assign(events, {
  isPackaged: false,
  name: 'Electron',
  commandLine: { appendSwitch() {}, hasSwitch: () => false, getSwitchValue: () => '' },
  getName: () => app.name,
  setName: (name: string) => void (app.name = name),
  getVersion: () => description.version,
  getAppPath: () => description.path,
  getLocale: () => 'en-GB',
  getPreferredSystemLanguages: () => ['en-GB'],
  getPath: (name: string) => paths.get(name) ?? standardPath(name),
  setPath: (name: string, path: string) => void paths.set(name, path),
  enableSandbox() {},
  setAppUserModelId() {},
  requestSingleInstanceLock: () => true,
  hasSingleInstanceLock: () => true,
  releaseSingleInstanceLock() {},
  isReady: () => browser !== undefined,
  whenReady: async () => ready.promise,
  focus() {},
  relaunch: (options: RelaunchOptions = {}) => void (relaunch = options),
  quit,
  exit,
});

export function configureApp(described: AppDescription): void {
  description = described;
  app.name = described.name;
  app.isPackaged = described.isPackaged;
}

/** As Electron: `ready` comes once the main file has been run. A module that waits for it as a whole waits for ever. */
export async function startApp(): Promise<void> {
  const profile = join(app.getPath('userData'), 'chromium');
  await mkdir(profile, { recursive: true });
  await whenFree(profile);
  browser = await startChromium(profile, description.devToolsPort);
  void browser.ended.then(() => (quitting ? undefined : exit(1)));
  ready.resolve();
  events.emit('ready', {}, {});
}

/** A relaunched app may start while the browser of the one before still closes its profile. */
async function whenFree(profile: string): Promise<void> {
  const lock = join(profile, 'SingletonLock');
  for (;;) {
    const holder = await readlink(lock).catch(() => undefined);
    const pid = Number(holder?.split('-').at(-1));
    if (holder === undefined || !isAlive(pid)) break;
    await delay(20);
  }
  await rm(lock, { force: true });
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function standardPath(name: string): string {
  const config = process.env['XDG_CONFIG_HOME'] ?? join(homedir(), '.config');
  switch (name) {
    case 'home':
      return homedir();
    case 'appData':
      return config;
    case 'userData':
    case 'sessionData':
      return join(app.getPath('appData'), app.name);
    case 'temp':
      return tmpdir();
    case 'exe':
      return process.execPath;
    case 'logs':
      return join(app.getPath('userData'), 'logs');
    default:
      throw new Error(`Failed to get '${name}' path`);
  }
}

/** `before-quit`, close every window, `will-quit`, `quit`: each of the first three can be vetoed. */
function quit(): void {
  const before = cancellable();
  events.emit('before-quit', before);
  if (before.defaultPrevented) return;
  quitting = true;
  if (!closeAllWindows()) {
    quitting = false;
    return;
  }
  if (windowCount() === 0) willQuit();
}

/** Called by the last window that closed. */
export function allWindowsClosed(): void {
  if (quitting) willQuit();
  else if (!events.emit('window-all-closed')) quit();
}

function willQuit(): void {
  if (leaving) return;
  const event = cancellable();
  events.emit('will-quit', event);
  if (!event.defaultPrevented) return leave(0);
  // The process goes on without windows, perhaps beside a newer one that needs the profile.
  browser?.send('Browser.close').catch(() => browser?.kill());
}

/** Without `before-quit` and `will-quit`; windows are not asked. */
function exit(code = 0): void {
  quitting = true;
  destroyAllWindows();
  leave(code);
}

function leave(code: number): void {
  leaving = true;
  events.emit('quit', {}, code);
  void end(code);
}

/** The browser writes what pages have stored, then all ends; what is started anew waits for the profile. */
async function end(code: number): Promise<never> {
  browser?.send('Browser.close').catch(() => browser?.kill());
  if (relaunch !== undefined) {
    const { execPath = process.execPath, args = process.argv.slice(1) } = relaunch;
    spawn(execPath, args, { detached: true, stdio: 'ignore' }).unref();
  }
  await browser?.ended;
  process.exit(code);
}
