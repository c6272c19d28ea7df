import { app } from 'electron';

import { realEnvironment } from '../node/real-environment.ts';
import { stateHome } from '../node/state-home.ts';
import type { AppFacts } from '../ports.ts';

/** The facts about the running app, from Electron. Can be read before the app is ready. */
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
    // Read on each use, because the app may change its environment before it starts other programs.
    get env() {
      return realEnvironment(process.env);
    },
    stateHome: stateHome(process.platform, process.env),
    // Read on use, because the system may be slow to answer.
    get locale() {
      return app.getPreferredSystemLanguages()[0] ?? 'en';
    },
  };
}
