import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { confirmWhenLoaded, healthyAfter } from '../../src/main/electron/health.ts';
import { createElectronHost } from '../../src/main/electron/host.ts';
import { createSquirrelMac } from '../../src/main/electron/squirrel-mac.ts';
import { silentLogger } from '../../src/main/node/logger.ts';
import { type FakeElectron, fakeElectron } from '../support/fake-electron.ts';
import { scriptedUpdater } from '../support/scripted-updater.ts';

/** Electron is a fake that quits as its documentation says. */
let electron: FakeElectron;
vi.mock('electron', () => ({
  get app() {
    return electron.app;
  },
  get BrowserWindow() {
    return electron.BrowserWindow;
  },
  get BaseWindow() {
    return electron.BrowserWindow;
  },
  get webContents() {
    return electron.webContents;
  },
  get powerMonitor() {
    return electron.powerMonitor;
  },
  get net() {
    return electron.net;
  },
  get autoUpdater() {
    return electron.autoUpdater;
  },
}));

beforeEach(() => {
  electron = fakeElectron();
  vi.useFakeTimers();
  Object.assign(process, { getSystemVersion: () => '6.1.0', resourcesPath: '/opt/Notes/resources' });
});
afterEach(() => {
  vi.useRealTimers();
  Reflect.deleteProperty(process, 'getSystemVersion');
  Reflect.deleteProperty(process, 'resourcesPath');
});

describe('the Electron host', () => {
  it('reads the facts of the app', () => {
    electron.app.runningUnderARM64Translation = true;
    const { name, version, isPackaged, nativeArch, systemVersion, resourcesPath, locale } = createElectronHost().facts;
    expect({ name, version, isPackaged, nativeArch, systemVersion, resourcesPath, locale }).toEqual({
      name: 'Notes',
      version: '1.0.0',
      isPackaged: true,
      nativeArch: 'arm64',
      systemVersion: '6.1.0',
      resourcesPath: '/opt/Notes/resources',
      locale: 'de-AT',
    });
  });

  it('delays a quit once until the work is done, also if it fails', async () => {
    const host = createElectronHost();
    const done = Promise.withResolvers<void>();
    const order: string[] = [];
    host.onQuit(async () => {
      order.push('work');
      await done.promise;
      order.push('done');
    });
    host.onQuit(async () => Promise.reject(new Error('this work fails')));
    host.onQuit(async () => void order.push('forgotten'))();
    electron.app.quit();
    electron.app.quit();
    order.push(`${electron.exits.length} exits`);
    done.resolve();
    await vi.runAllTimersAsync();
    expect({ order, exits: electron.exits }).toEqual({ order: ['work', '0 exits', 'done'], exits: [0] });
  });

  it('does not delay a quit without work', () => {
    createElectronHost();
    electron.app.quit();
    expect(electron.exits).toEqual([0]);
  });

  it('lets the app delay the quit first', async () => {
    const host = createElectronHost();
    const order: string[] = [];
    host.onQuit(async () => void order.push('install'));
    let saved = false;
    // The app registers this listener after the host has registered its own.
    electron.app.on('will-quit', (event: { preventDefault(): void }) => {
      if (saved) return;
      event.preventDefault();
      saved = true;
      order.push('saving');
    });
    electron.app.quit();
    order.push('saved');
    electron.app.quit();
    await vi.runAllTimersAsync();
    expect({ order, exits: electron.exits }).toEqual({ order: ['saving', 'saved', 'install'], exits: [0] });
  });

  it('reports whether a quit was vetoed', async () => {
    const host = createElectronHost();
    const window = electron.open();
    window.closes = false;
    const byWindow = host.quit();
    await vi.advanceTimersByTimeAsync(10_000);
    const veto = (event: { preventDefault(): void }): void => event.preventDefault();
    electron.app.on('before-quit', veto);
    const byApp = host.quit();
    electron.app.off('before-quit', veto);
    window.closes = true;
    const gone = await host.quit();
    const exits = electron.exits.length;
    host.exit(0);
    const listeners = electron.app.listenerCount('will-quit') + electron.app.listenerCount('before-quit');
    expect({
      byWindow: await byWindow,
      byApp: await byApp,
      gone,
      exits,
      electronExits: electron.exits,
      listeners,
    }).toEqual({ byWindow: false, byApp: false, gone: true, exits: 0, electronExits: [0], listeners: 2 });
  });

  it('holds a requested quit right before its end, after the other work', async () => {
    const host = createElectronHost();
    const order: string[] = [];
    host.onQuit(async () => void order.push('work'));
    electron.open();
    const gone = await host.quit();
    order.push(`gone: ${gone}, ${electron.exits.length} exits`);
    electron.app.quit();
    order.push(`quit again: ${electron.exits.length} exits`);
    host.comeBack();
    expect({ order, relaunched: electron.relaunched, exits: electron.exits }).toEqual({
      order: ['work', 'gone: true, 0 exits', 'quit again: 0 exits'],
      relaunched: [{ execPath: process.env['APPIMAGE'] ?? process.execPath, args: process.argv.slice(1) }],
      exits: [0],
    });
  });

  it('lets the system end the app after a held quit, and delays nothing', async () => {
    const host = createElectronHost();
    const order: string[] = [];
    host.onQuit(async () => void order.push('work'));
    electron.app.on('will-quit', () => void order.push('will-quit'));
    electron.open();
    const gone = await host.quit();
    void host.endBy(() => createSquirrelMac().quitAndInstall());
    await vi.advanceTimersByTimeAsync(0);
    expect({ gone, order, fed: electron.autoUpdater.fed, exits: electron.exits }).toEqual({
      gone: true,
      order: ['will-quit', 'work', 'will-quit'],
      fed: ['quit and install'],
      exits: [0],
    });
  });

  it('ends the app itself if the system does not', async () => {
    const host = createElectronHost();
    await host.quit();
    electron.app.on('before-quit', (event: { preventDefault(): void }) => event.preventDefault());
    void host.endBy(() => createSquirrelMac().quitAndInstall());
    await vi.advanceTimersByTimeAsync(29_999);
    const before = [...electron.exits];
    await vi.advanceTimersByTimeAsync(1);
    expect({ before, exits: electron.exits }).toEqual({ before: [], exits: [0] });
  });

  it('detects the end of the session from the system and from all windows', async () => {
    const old = electron.open();
    const hosts = Array.from({ length: 3 }, () => createElectronHost());
    const told = (): readonly boolean[] => hosts.map((host) => host.isShuttingDown());
    const before = told();
    old.emit('query-session-end', {});
    const announced = told();
    await vi.advanceTimersByTimeAsync(60_000);
    const calledOff = told();
    electron.open().emit('session-end', {});
    const ended = told();
    const other = createElectronHost();
    electron.powerMonitor.emit('shutdown', {});
    expect({ before, announced, calledOff, ended, other: other.isShuttingDown() }).toEqual({
      before: [false, false, false],
      announced: [true, true, true],
      calledOff: [false, false, false],
      ended: [true, true, true],
      other: true,
    });
  });

  it('reports wake-ups and the return of the network until it is stopped', async () => {
    let online = true;
    electron.net.isOnline = () => online;
    const woken: string[] = [];
    const stop = createElectronHost().onWake(() => void woken.push('woken'));
    electron.powerMonitor.emit('resume');
    electron.powerMonitor.emit('unlock-screen');
    await vi.advanceTimersByTimeAsync(60_000);
    online = false;
    await vi.advanceTimersByTimeAsync(60_000);
    online = true;
    await vi.advanceTimersByTimeAsync(60_000);
    stop();
    electron.powerMonitor.emit('resume');
    expect({ woken: woken.length, timers: vi.getTimerCount() }).toEqual({ woken: 3, timers: 0 });
  });
});

describe('healthyAfter', () => {
  it('is 10 seconds by default, and rejects other values with an explanation', () => {
    expect({ byDefault: healthyAfter(), seconds: healthyAfter(0.5), manual: healthyAfter('manual') }).toEqual({
      byDefault: 10,
      seconds: 0.5,
      manual: 'manual',
    });
    for (const wrong of [0, -1, NaN, 3601, '10' as unknown as number]) {
      expect(() => healthyAfter(wrong)).toThrow(expect.objectContaining({ code: 'OPTIONS_INVALID' }) as Error);
    }
  });
});

describe('confirmWhenLoaded', () => {
  /** `health.test.ts` covers the pages, with real ones. */
  it('warns if the confirmation cannot be written', async () => {
    const warnings: string[] = [];
    const updater = scriptedUpdater();
    updater.on('confirmHealthy', async () => Promise.reject(new Error('disk full')));
    confirmWhenLoaded(updater, 1, { ...silentLogger, warn: (text) => void warnings.push(text) });
    electron.open().webContents.emit('did-finish-load');
    await vi.advanceTimersByTimeAsync(1000);
    expect(warnings).toEqual(['This version could not be confirmed as working: disk full']);
  });

  it('leaves no timer after it is stopped', async () => {
    const updater = scriptedUpdater();
    const stop = confirmWhenLoaded(updater, 10, silentLogger);
    electron.open().webContents.emit('did-finish-load');
    stop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect({ calls: updater.calls, timers: vi.getTimerCount() }).toEqual({ calls: [], timers: 0 });
  });
});

it('connects Squirrel.Mac to autoUpdater once Electron is ready', async () => {
  const { app, autoUpdater } = electron;
  const ready = Promise.withResolvers<void>();
  app.whenReady = () => ready.promise;
  const squirrel = createSquirrelMac();
  const heard: unknown[][] = [];
  const stops = [
    squirrel.onDownloaded((...args: unknown[]) => void heard.push(['downloaded', ...args])),
    squirrel.onError((error) => void heard.push(['error', error.message])),
  ];
  const checked = squirrel.check({ url: 'http://127.0.0.1:1/', headers: { authorization: 'Basic x' } });
  const before = [...autoUpdater.fed];
  ready.resolve();
  await checked;
  autoUpdater.emit('update-downloaded', {}, 'notes', 'name');
  autoUpdater.emit('error', new Error('no'));
  for (const stop of stops) stop();
  autoUpdater.emit('update-downloaded', {});
  expect({ before, fed: autoUpdater.fed, heard, listeners: autoUpdater.listenerCount('error') }).toEqual({
    before: [],
    fed: [{ url: 'http://127.0.0.1:1/', headers: { authorization: 'Basic x' } }, 'check'],
    heard: [['downloaded'], ['error', 'no']],
    listeners: 0,
  });
});
