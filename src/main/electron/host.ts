import { app, powerMonitor } from 'electron';

import { installPath } from '../install/location/install-path.ts';
import type { AppHost } from '../ports.ts';
import { readFacts } from './facts.ts';
import { createQuitting } from './quit.ts';
import { watchSessionEnd } from './session-end.ts';
import { onWake } from './wake.ts';

/** The app host over Electron: facts from `app`, quitting as a user would, sleep and shutdown as the system tells. */
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
      // The default would be the executable inside an AppImage's mount, which goes away with this process.
      app.relaunch({ execPath: installPath(facts), args: process.argv.slice(1) });
      app.exit();
    },
    exit: (code) => app.exit(code),
    onWake,
    isShuttingDown: watchSessionEnd(),
    isOnBattery: () => powerMonitor.isOnBatteryPower(),
  };
}
