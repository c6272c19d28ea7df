import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { _electron, type Browser, chromium, type ElectronApplication, type Page } from 'playwright-core';

import { homeEnvironment, type InstalledApp, installDemo } from '../../scripts/demo/installed-app.ts';
import { createLightBuilder, type LightBuildOptions } from '../../scripts/demo/light-builds.ts';
import { createNetwork, type Network } from '../../scripts/demo/network.ts';
import { endProcessesOf } from '../../scripts/demo/processes.ts';
import { createDemoWorld, type DemoWorld, type PublishOptions } from '../../scripts/demo/world.ts';
import { asAppUser } from '../../scripts/electron/app-user.ts';
import { openDisplay } from '../../scripts/electron/display.ts';
import { endsItself } from '../support/ends-itself.ts';

/** A repository, a publisher, a network in between, and computers with Notes. */
export interface NotesRig {
  readonly network: Network;
  readonly world: DemoWorld;
  publish(build: LightBuildOptions, options?: PublishOptions): Promise<void>;
  /** Installs this version in a new home. */
  install(version: string): Promise<InstalledApp>;
  close(): Promise<void>;
}

export async function createNotesRig(): Promise<NotesRig> {
  const directory = await mkdtemp(join(tmpdir(), 'notes-windows-'));
  let network: Network | undefined;
  const world = await createDemoWorld(directory, {
    async between(repository) {
      network = await createNetwork(repository);
      return network.url;
    },
  });
  if (network === undefined) throw new Error('The world was made without its network.');
  const builder = await createLightBuilder(directory, world.update);
  const line = network;
  let homes = 0;
  return {
    network,
    world,
    async publish(build, options) {
      await world.publish(await builder.build(build), options);
    },
    async install(version) {
      homes += 1;
      return installDemo(await builder.build({ version }), join(directory, 'homes', String(homes)));
    },
    async close() {
      await endProcessesOf(directory);
      await line.close();
      await world.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Reads the version from the installed file, because an update replaces that file. */
export async function installedVersion({ executable }: InstalledApp): Promise<string> {
  const bytes = await readFile(executable);
  return /AppImage of Notes (\S+)\.$/m.exec(bytes.subarray(0, 200).toString('latin1'))?.[1] ?? 'something else';
}

/** A running Notes and its window. */
export interface RunningNotes {
  readonly app: ElectronApplication;
  readonly page: Page;
}

export async function launch({ executable, home }: InstalledApp): Promise<RunningNotes> {
  await openDisplay();
  const app = await _electron.launch({
    executablePath: await asAppUser(executable, join(home, 'as-app-user')),
    args: [],
    env: homeEnvironment(home),
    cwd: home,
    chromiumSandbox: true,
  });
  const page = await app.firstWindow();
  await page.waitForURL('**/index.html');
  page.setDefaultTimeout(20_000);
  return { app, page };
}

/** Connects to the Notes that the updater started in this home after the one that the test launched. */
export async function relaunched({ home }: InstalledApp): Promise<{ readonly browser: Browser; readonly page: Page }> {
  const port = await untilDefined(async () => devToolsPort(home));
  const browser = await chromium.connectOverCDP(`http://127.0.0.1:${port}`);
  const page = await untilDefined(async () =>
    browser
      .contexts()
      .flatMap((context) => context.pages())
      .find((page) => page.url().endsWith('/index.html')),
  );
  return { browser, page };
}

/** Ends a Notes that the updater started. */
export async function closeBrowser(browser: Browser): Promise<void> {
  await endsItself((await browser.newBrowserCDPSession()).send('Browser.close'));
}

/** Forgets the DevTools address of the running Notes, so that the address of the next one is found. */
export async function forgetDevTools({ home }: InstalledApp): Promise<void> {
  await rm(devToolsFile(home), { force: true });
}

async function devToolsPort(home: string): Promise<string | undefined> {
  const [port = '', address = ''] = (await readFile(devToolsFile(home), 'utf8').catch(() => '')).split('\n');
  return address === '' ? undefined : port;
}

/** A file in the directory of Electron's user data. */
function devToolsFile(home: string): string {
  return join(home, '.config/Notes/DevToolsActivePort');
}

/** Asks again and again until there is an answer. Only the time limit of the test ends this. */
async function untilDefined<T>(ask: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
