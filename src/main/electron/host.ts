import { app, powerMonitor } from 'electron';

import { installPath } from '../install/location/install-path.ts';
import type { AppHost } from '../ports.ts';
import { readFacts } from './facts.ts';
import { createQuitting } from './quit.ts';
import { watchSessionEnd } from './session-end.ts';
import { onWake } from './wake.ts';

/** The app host for Electron. It quits as a user would, and follows sleep and the end of the session. */
export function createElectronHost(): AppHost {
  const facts = readFacts();
  const { onQuit, quit, endBy } = createQuitting();
  return {
    facts,
    whenReady: () => app.whenReady(),
    onQuit,
    quit,
    endBy,
    comeBack() {
      // By default, Electron would start the executable in the AppImage's mount, which disappears with this process.
      app.relaunch({ execPath: installPath(facts), args: process.argv.slice(1) });
      app.exit();
    },
    exit: (code) => app.exit(code),
    onWake,
    isShuttingDown: watchSessionEnd(),
    isOnBattery: () => powerMonitor.isOnBatteryPower(),
  };
}
