import { networkInterfaces, release } from 'node:os';
import { dirname, join } from 'node:path';

import type { AppFacts, AppHost } from '../ports.ts';
import { systemClock } from './clock.ts';
import { realEnvironment } from './real-environment.ts';
import { stateHome } from './state-home.ts';
import { watchWake } from './wake.ts';

/** What plain Node cannot know about the app that it runs. */
export interface NodeHostOptions {
  readonly name: string;
  /** The installed version, semver. */
  readonly version: string;
  /** @defaultValue true */
  readonly isPackaged?: boolean;
  /** @defaultValue the `resources` directory next to the executable */
  readonly resourcesPath?: string;
  /** @defaultValue process.execPath */
  readonly execPath?: string;
  /** @defaultValue process.env */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/**
 * An app host for plain Node. Its options replace what Electron would report. Quitting ends the process, and no window
 * can veto it.
 */
export function createNodeHost(options: NodeHostOptions): AppHost {
  const env = options.env ?? process.env;
  const execPath = options.execPath ?? process.execPath;
  const facts: AppFacts = {
    name: options.name,
    version: options.version,
    isPackaged: options.isPackaged ?? true,
    platform: process.platform,
    arch: process.arch,
    nativeArch: process.arch,
    systemVersion: release(),
    execPath,
    resourcesPath: options.resourcesPath ?? join(dirname(execPath), 'resources'),
    argv: process.argv.slice(2),
    // Read again each time, so that later changes by the app reach the programs that it starts.
    get env() {
      return realEnvironment(env);
    },
    stateHome: stateHome(process.platform, env),
    locale: Intl.DateTimeFormat().resolvedOptions().locale,
  };
  // Node's only event that allows asynchronous work before the end is `beforeExit`, when the event loop is empty.
  const quitHandlers = new Set<() => Promise<void>>();
  return {
    facts,
    whenReady: () => Promise.resolve(),
    onQuit(work) {
      quitHandlers.add(work);
      const run = (): void => void work();
      process.once('beforeExit', run);
      return () => {
        quitHandlers.delete(work);
        process.off('beforeExit', run);
      };
    },
    async quit() {
      await Promise.allSettled([...quitHandlers].map((work) => work()));
      return true;
    },
    comeBack: () => undefined,
    exit: (code) => process.exit(code),
    endBy(quit) {
      quit();
      process.exit(0);
    },
    onWake: (listener) => watchWake({ clock: systemClock, isOnline: hasAddress }, listener),
    isShuttingDown: () => false,
    isOnBattery: () => false,
  };
}

/** Whether this device has an address that other devices can reach. */
function hasAddress(): boolean {
  return Object.values(networkInterfaces()).some((addresses) => addresses?.some(({ internal }) => !internal) === true);
}
