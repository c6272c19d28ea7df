import { EventEmitter } from 'node:events';

/** An event that can be vetoed, as Electron's. */
export interface FakeEvent {
  readonly defaultPrevented: boolean;
  preventDefault(): void;
}

function vetoable(): FakeEvent {
  let prevented = false;
  return {
    get defaultPrevented() {
      return prevented;
    },
    preventDefault: () => void (prevented = true),
  };
}

interface FakeContents extends EventEmitter {
  getURL(): string;
  getType(): string;
  isDestroyed(): boolean;
  isCrashed(): boolean;
  /** A page that works. */
  executeJavaScriptInIsolatedWorld(): Promise<object>;
}

/** A window that is not there: events, and whether it closes when it is asked. */
export class FakeWindow extends EventEmitter {
  readonly webContents: FakeContents = Object.assign(new EventEmitter(), {
    getURL: () => 'file:///app/index.html',
    getType: () => 'window',
    isDestroyed: () => false,
    isCrashed: () => false,
    executeJavaScriptInIsolatedWorld: async () => Promise.resolve({ protocol: 'file:', status: 0, isEmpty: false }),
  });
  readonly progress: unknown[] = [];
  closes = true;
  isDestroyed = (): boolean => false;
  isVisible = (): boolean => true;
  setProgressBar(value: number, options?: object): void {
    this.progress.push(options === undefined ? value : [value, options]);
  }
}

/**
 * The part of Electron's main process that has to do with starting and quitting, as its documentation tells: a quit
 * asks `before-quit`, then the windows, then `will-quit`; `exit` asks nobody. A fake: nothing here has seen Electron.
 */
export function fakeElectron() {
  const windows: FakeWindow[] = [];
  const exits: number[] = [];
  const relaunched: unknown[] = [];
  const app = Object.assign(new EventEmitter(), {
    isPackaged: true,
    runningUnderARM64Translation: false,
    getName: () => 'Notes',
    getVersion: () => '1.0.0',
    getAppPath: () => import.meta.dirname,
    getPreferredSystemLanguages: () => ['de-AT'],
    isReady: () => true,
    whenReady: async () => Promise.resolve(),
    exit: (code = 0) => void exits.push(code),
    relaunch: (options: unknown) => void relaunched.push(options),
    quit() {
      const before = vetoable();
      app.emit('before-quit', before);
      if (before.defaultPrevented || windows.some((window) => !window.closes)) return;
      windows.length = 0;
      const will = vetoable();
      app.emit('will-quit', will);
      if (!will.defaultPrevented) exits.push(0);
    },
  });
  return {
    app,
    exits,
    relaunched,
    windows,
    powerMonitor: Object.assign(new EventEmitter(), { isOnBatteryPower: () => false }),
    net: { isOnline: () => true },
    autoUpdater: Object.assign(new EventEmitter(), {
      fed: [] as unknown[],
      setFeedURL(feed: unknown) {
        this.fed.push(feed);
      },
      checkForUpdates() {
        this.fed.push('check');
      },
      /** With no window open, the app quits a moment later, as with `app.quit()`. */
      quitAndInstall() {
        this.fed.push('quit and install');
        app.emit('before-quit-for-update');
        if (windows.length === 0) queueMicrotask(() => app.quit());
      },
    }),
    BrowserWindow: {
      getAllWindows: () => windows,
      getFocusedWindow: () => windows[0] ?? null,
      fromWebContents: (contents: unknown) => windows.find(({ webContents }) => webContents === contents) ?? null,
    },
    webContents: { getAllWebContents: () => windows.map(({ webContents }) => webContents) },
    open(): FakeWindow {
      const window = new FakeWindow();
      windows.push(window);
      app.emit('web-contents-created', {}, window.webContents);
      app.emit('browser-window-created', {}, window);
      return window;
    },
  };
}
export type FakeElectron = ReturnType<typeof fakeElectron>;
