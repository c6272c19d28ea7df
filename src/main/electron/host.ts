import { app } from 'electron';

import type { AppHost } from '../ports.ts';
import { readFacts } from './facts.ts';
import { createQuitWork, quitOrVeto } from './quit.ts';
import { watchSessionEnd } from './session-end.ts';
import { onWake } from './wake.ts';

/** The app host over Electron: facts from `app`, quitting as a user would, sleep and shutdown as the system tells. */
export function createElectronHost(): AppHost {
  return {
    facts: readFacts(),
    whenReady: () => app.whenReady(),
    onQuit: createQuitWork(),
    quit: quitOrVeto,
    exit: (code) => app.exit(code),
    onWake,
    isShuttingDown: watchSessionEnd(),
    stepAside: () => app.releaseSingleInstanceLock(),
  };
}
