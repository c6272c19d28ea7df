import { AppUpdater } from '../../src/compat/app-updater.ts';
import { NoOpLogger } from '../../src/compat/logger.ts';
import type { Surroundings, Wishes } from '../../src/compat/surroundings.ts';
import { type ManagedApp, type ManagedOptions, startApp } from './managed-app.ts';
import type { World } from './world.ts';

/** An app that was written for electron-updater, with the real manager behind it. */
export interface MigratedApp extends ManagedApp {
  readonly autoUpdater: AppUpdater;
}

/** Surroundings without Electron, of an installed app at version 1.0.0. */
export function plainSurroundings(change: Pick<Surroundings, 'open'> & Partial<Surroundings>): Surroundings {
  return {
    appName: () => 'Notes',
    version: () => '1.0.0',
    isPackaged: () => true,
    notify: () => undefined,
    announceQuit: () => undefined,
    netSession: () => {
      throw new Error('There is no session without Electron.');
    },
    ...change,
  };
}

/** The updater is opened when the app first uses it, as in an app: with what was set until then. */
export async function startMigratedApp(world: World, options: ManagedOptions = {}): Promise<MigratedApp> {
  const version = options.version ?? '1.0.0';
  let asked: Wishes | undefined;
  const settings = {
    channel: () => asked?.channel(),
    allowDowngrade: () => asked?.allowDowngrade() ?? false,
    installAt: (staged: string) => asked?.installAt(staged) ?? 'now',
    deltas: () => asked?.deltas() ?? true,
    ...options.settings,
  };
  const app = await startApp(world, { ...options, version, settings, started: false });
  const open = (wishes: Wishes): ManagedApp['updater'] => {
    asked = wishes;
    return app.updater;
  };
  const autoUpdater = new AppUpdater(plainSurroundings({ open, version: () => version }));
  autoUpdater.logger = new NoOpLogger();
  return { ...app, autoUpdater };
}
