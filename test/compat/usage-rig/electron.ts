import { EventEmitter } from 'node:events';
import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * As much of Electron's main process as updaters use, without windows and over Node's own HTTP: for electron-updater and
 * for ours, the same. A stand-in: nothing here is Electron.
 */
export { net } from './net.ts';

/** An event of which `preventDefault` can be called. */
function cancellable(): { preventDefault(): void; readonly defaultPrevented: boolean } {
  let prevented = false;
  return {
    preventDefault: () => void (prevented = true),
    get defaultPrevented() {
      return prevented;
    },
  };
}

const events = new EventEmitter();
export const app = Object.assign(events, {
  isPackaged: true,
  name: 'Notes',
  getName: () => 'Notes',
  getVersion: () => '1.0.0',
  getAppPath: () => join(process.resourcesPath, 'app'),
  getPath: (name: string) => join(homedir(), name),
  getLocale: () => 'en-GB',
  getPreferredSystemLanguages: () => ['en-GB'],
  isReady: () => true,
  whenReady: async () => Promise.resolve(),
  relaunch() {},
  exit: (code = 0) => process.exit(code),
  quit() {
    events.emit('before-quit', cancellable());
    // What was told by then is written down first.
    setTimeout(() => {
      const will = cancellable();
      events.emit('will-quit', will);
      if (will.defaultPrevented) return;
      events.emit('quit', {}, 0);
      process.exit(0);
    }, 50);
  },
});

const sessions = new Map<string, object>();
export const session = {
  fromPartition(name: string): object {
    const known = sessions.get(name) ?? {
      setProxy: async () => Promise.resolve(),
      closeAllConnections: async () => Promise.resolve(),
    };
    sessions.set(name, known);
    return known;
  },
};

export class Notification extends EventEmitter {
  show(): void {
    this.emit('show');
  }
}

/** Squirrel is on macOS only; its events are emitted by updaters elsewhere, too. */
export const autoUpdater = new EventEmitter();
export const powerMonitor = Object.assign(new EventEmitter(), { isOnBatteryPower: () => false });
export const ipcMain = new EventEmitter();
export const dialog = {};
export const Menu = {};
export const MenuItem = {};
const noWindows = { getAllWindows: () => [], getFocusedWindow: () => null };
export const BaseWindow = noWindows;
export const BrowserWindow = noWindows;
export const webContents = { getAllWebContents: () => [] };
