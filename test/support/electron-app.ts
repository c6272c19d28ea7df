import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { _electron, type ElectronApplication } from 'playwright-core';

import { homeEnvironment } from '../../scripts/demo/installed-app.ts';
import { endProcessesOf } from '../../scripts/demo/processes.ts';
import { asAppUser, giveToAppUser } from '../../scripts/electron/app-user.ts';
import { bundleForElectron } from '../../scripts/electron/bundle-main.ts';
import { openDisplay } from '../../scripts/electron/display.ts';
import { layOutApp } from '../../scripts/electron/lay-out-app.ts';
import { electron } from './electron.ts';

/** Milliseconds that an app has to quit. */
const quitMs = 5000;

export interface TestAppOptions {
  /**
   * TypeScript of the main process, and of a preload script that becomes `preload.cjs` beside it. Or a directory that has
   * been bundled already, with the name of its main file.
   */
  readonly main: string | { readonly directory: string; readonly file: string };
  readonly preload?: string;
  /** The directory with `root.json` and `update.json` to embed. @defaultValue none */
  readonly update?: string;
  readonly args?: readonly string[];
  /** Leave out what tests add to an old Electron. @defaultValue false */
  readonly withoutShims?: boolean;
  /** Besides those of a home of its own. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A small app in Electron, as if it were packaged and installed. */
export interface TestApp {
  readonly app: ElectronApplication;
  /** Everything of it, to be written by tests alone. */
  readonly directory: string;
  readonly home: string;
  /** Starts it once more, in the same home; the one before has to be closed. */
  restart(): Promise<ElectronApplication>;
  close(): Promise<void>;
}

export async function startTestApp({
  main,
  preload,
  update,
  args = [],
  env = {},
  withoutShims = false,
}: TestAppOptions): Promise<TestApp> {
  const directory = await mkdtemp(join(tmpdir(), 'electron-app-'));
  const bundle = typeof main === 'string' ? join(directory, 'bundle') : main.directory;
  const home = join(directory, 'home');
  if (typeof main === 'string') await bundleForElectron({ main }, bundle);
  if (preload !== undefined) await bundleForElectron({ preload }, bundle, 'cjs');
  await mkdir(join(home, 'tmp'), { recursive: true });
  await giveToAppUser(home);
  await openDisplay();
  const executable = await layOutApp({
    electron: withoutShims ? { ...electron(), shims: [] } : electron(),
    directory: join(directory, 'app'),
    program: 'testapp',
    description: {
      name: 'testapp',
      productName: 'Test App',
      version: '1.0.0',
      main: `dist/${typeof main === 'string' ? 'main.mjs' : main.file}`,
    },
    files: bundle,
    ...(update === undefined ? {} : { update }),
  });
  const executablePath = await asAppUser(executable, join(directory, 'as-app-user'));
  const launch = async (): Promise<ElectronApplication> =>
    _electron.launch({
      executablePath,
      args: [...args],
      env: { ...homeEnvironment(home), ...env },
      cwd: home,
      chromiumSandbox: true,
    });
  let running = await launch();
  return {
    get app() {
      return running;
    },
    directory,
    home,
    async restart() {
      running = await launch();
      return running;
    },
    async close() {
      // One that does not end by itself is ended.
      await Promise.race([running.close().catch(() => undefined), delay(quitMs)]);
      await endProcessesOf(directory);
      await rm(directory, { recursive: true, force: true });
    },
  };
}
