import { app, BrowserWindow, powerMonitor } from 'electron';

import { stateHome } from '../node/state-home.ts';
import type { AppFacts, AppHost } from '../ports.ts';

/** Milliseconds that windows have to close before a quit counts as vetoed. */
const vetoMs = 10_000;

/** The app host over Electron: facts from `app`, quitting as a user would, sleep and shutdown as the system tells. */
export function createElectronHost(): AppHost {
  const quitWork = new Set<() => Promise<void>>();
  let shuttingDown = false;
  let finishing: 'no' | 'working' | 'done' = 'no';

  const endSession = (): void => {
    shuttingDown = true;
  };
  // Windows tells its end of session to windows only; elsewhere powerMonitor knows.
  powerMonitor.on('shutdown', endSession);
  app.on('browser-window-created', (_event, window) => {
    window.on('session-end', endSession);
  });
  // `will-quit` is synchronous: it is put off once, and the process ends without further events when all is done.
  app.on('will-quit', (event) => {
    if (quitWork.size === 0 || finishing === 'done') return;
    event.preventDefault();
    if (finishing === 'working') return;
    finishing = 'working';
    void finish();
  });

  async function finish(): Promise<void> {
    await Promise.allSettled([...quitWork].map((work) => work()));
    finishing = 'done';
    app.exit();
  }

  return {
    facts: readFacts(),
    whenReady: () => app.whenReady(),
    onQuit(work) {
      quitWork.add(work);
      return () => quitWork.delete(work);
    },
    quit: () => quitOrVeto(),
    exit: (code) => app.exit(code),
    onWake(listener) {
      powerMonitor.on('resume', listener);
      powerMonitor.on('unlock-screen', listener);
      return () => {
        powerMonitor.off('resume', listener);
        powerMonitor.off('unlock-screen', listener);
      };
    },
    isShuttingDown: () => shuttingDown,
  };
}

function readFacts(): AppFacts {
  return {
    name: app.getName(),
    version: app.getVersion(),
    isPackaged: app.isPackaged,
    platform: process.platform,
    arch: process.arch,
    nativeArch: app.runningUnderARM64Translation ? 'arm64' : process.arch,
    systemVersion: process.getSystemVersion(),
    execPath: process.execPath,
    resourcesPath: process.resourcesPath,
    argv: process.argv.slice(1),
    env: process.env,
    stateHome: stateHome(process.platform, process.env),
    locale: app.getPreferredSystemLanguages()[0] ?? 'en',
  };
}

/** `true` when the app is going; `false` when a window stayed open (an unsaved document, a close-to-tray app). */
function quitOrVeto(): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => settle(BrowserWindow.getAllWindows().length === 0), vetoMs);
    const going = (): void => settle(true);
    const settle = (gone: boolean): void => {
      clearTimeout(timer);
      app.off('will-quit', going);
      resolve(gone);
    };
    app.once('will-quit', going);
    app.quit();
  });
}
