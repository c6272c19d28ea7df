import { app } from 'electron';

import { realEnvironment } from '../node/real-environment.ts';
import { stateHome } from '../node/state-home.ts';
import type { AppFacts } from '../ports.ts';

/** What Electron tells of the running app. May be read before the app is ready. */
export function readFacts(): AppFacts {
  return {
    name: app.getName(),
    version: app.getVersion(),
    isPackaged: app.isPackaged,
    platform: process.platform,
    arch: process.arch,
    // True under Rosetta, and for x64 on Windows for ARM.
    nativeArch: app.runningUnderARM64Translation ? 'arm64' : process.arch,
    systemVersion: process.getSystemVersion(),
    execPath: process.execPath,
    resourcesPath: process.resourcesPath,
    argv: process.argv.slice(1),
    // What the app changes in its environment later counts for what it starts.
    get env() {
      return realEnvironment(process.env);
    },
    stateHome: stateHome(process.platform, process.env),
    // Read when somebody asks: the system may take its time to tell.
    get locale() {
      return app.getPreferredSystemLanguages()[0] ?? 'en';
    },
  };
}
