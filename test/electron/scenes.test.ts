// @module-tag slow
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { _electron, type ElectronApplication } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { homeEnvironment } from '../../scripts/demo/installed-app.ts';
import { endProcessesOf } from '../../scripts/demo/processes.ts';
import { asAppUser } from '../../scripts/electron/app-user.ts';
import type { InstallAt, UpdateState } from '../../src/shared/state.ts';
import { electronName, windows } from '../support/electron.ts';
import { endsItself } from '../support/ends-itself.ts';
import { requires } from '../support/requires.ts';
import { createScriptAppWorld, type ScriptApp, type ScriptAppWorld } from '../support/script-app.ts';
import type { ScenesApp } from './scenes-app/main.ts';

declare const scenesApp: ScenesApp;

describe(`an update of an app with a window, in ${electronName}`, { ...requires(windows), timeout: 60_000 }, () => {
  let apps: ScriptAppWorld;
  beforeAll(async () => {
    apps = await createScriptAppWorld(join(import.meta.dirname, 'scenes-app/main.ts'));
    await apps.publish('1.0.0');
    await apps.publish('1.1.0');
  }, 120_000);
  afterEach(async () => endProcessesOf(join(apps.directory, 'programs')));
  afterAll(async () => apps?.close());

  interface Open {
    readonly installed: ScriptApp;
    readonly app: ElectronApplication;
    readonly install: (at: InstallAt) => Promise<UpdateState>;
    /** Waits until the app's notes have `count` lines, and returns them. */
    readonly notes: (count: number) => Promise<readonly string[]>;
    /** Returns the names of the instances that have registered themselves. */
    readonly instances: () => Promise<readonly string[]>;
    /** Waits until the new version has confirmed itself, which removes the journal. */
    readonly untilConfirmed: () => Promise<void>;
  }

  /** Starts 1.0.0 with its window and stages 1.1.0. */
  async function openStaged(env: Readonly<Record<string, string>> = {}): Promise<Open> {
    const installed = await apps.install('1.0.0');
    const { home, executable } = installed;
    const app = await _electron.launch({
      executablePath: await asAppUser(executable, join(home, 'as-app-user')),
      args: [],
      env: { ...homeEnvironment(home), ...env },
      cwd: home,
      chromiumSandbox: true,
    });
    await (await app.firstWindow()).waitForSelector('p');
    await expect.poll(async () => app.evaluate(() => 'scenesApp' in globalThis), { timeout: 10_000 }).toBe(true);
    const staged = await app.evaluate(async () => scenesApp.stage());
    expect(staged).toMatchObject({ type: 'staged', installAt: 'quit' });
    const lines = async (): Promise<readonly string[]> =>
      (await readFile(join(home, 'notes'), 'utf8')).trim().split('\n');
    const updates = async (): Promise<string> => {
      const base = join(home, '.local/state/org.example.notes/updates');
      return join(base, (await readdir(base))[0] ?? '');
    };
    return {
      installed,
      app,
      install: async (at) => app.evaluate(async (_, at) => scenesApp.install(at), at),
      async notes(count) {
        await expect.poll(lines, { timeout: 20_000 }).toHaveLength(count);
        return lines();
      },
      instances: async () => (await readdir(join(await updates(), 'instances'))).filter((name) => /^\d+$/.test(name)),
      async untilConfirmed() {
        const place = await updates();
        await expect.poll(async () => readdir(place), { timeout: 20_000 }).not.toContain('journal.json');
      },
    };
  }

  const updated = ['1.0.0 starts', '1.1.0 starts'];

  it.each(['vetoes', 'hides'])('stays staged while its window %s, and is installed after that', async (how) => {
    const { installed, app, install, notes, untilConfirmed } = await openStaged({ NOTES_WINDOW: how });
    const vetoed = await install('now');
    const windows = await app.evaluate(() => scenesApp.windows());
    const between = await installed.installed();
    await app.evaluate(async () => scenesApp.giveIn());
    await endsItself(install('now'));
    expect({ vetoed, windows, between, notes: await notes(2) }).toMatchObject({
      vetoed: { type: 'staged', lastError: { code: 'INSTALL_VETOED' } },
      windows: [{ isVisible: how === 'vetoes' }],
      between: '1.0.0',
      notes: updated,
    });
    await untilConfirmed();
    expect(await installed.installed()).toBe('1.1.0');
  });

  it('goes on when a second instance hands over to the first', async () => {
    const { installed, install, notes, untilConfirmed } = await openStaged();
    await installed.run({});
    await endsItself(install('now'));
    expect(await notes(3)).toEqual(['1.0.0 starts', '1.0.0 comes second', '1.1.0 starts']);
    // The new version is on its first start.
    await installed.run({});
    await untilConfirmed();
    expect({ installed: await installed.installed(), lastNote: (await notes(4)).at(-1) }).toEqual({
      installed: '1.1.0',
      lastNote: '1.1.0 comes second',
    });
  });

  it('waits while another instance of the same installation runs', async () => {
    const { installed, install, notes, instances } = await openStaged({ NOTES_LOCK: 'none' });
    const other = installed.start({ NOTES_LOCK: 'none', XDG_CONFIG_HOME: join(installed.home, 'other') });
    await notes(2);
    await expect.poll(instances, { timeout: 10_000 }).toHaveLength(2);
    expect(await install('now')).toMatchObject({ type: 'staged', lastError: { code: 'INSTALL_OTHER_INSTANCE' } });
    process.kill(other.pid, 'SIGKILL');
    await other.ended;
    await endsItself(install('now'));
    expect({ lastNote: (await notes(3)).at(-1), installed: await installed.installed() }).toEqual({
      lastNote: '1.1.0 starts',
      installed: '1.1.0',
    });
  });

  it.each<[string, (app: ElectronApplication) => unknown, string]>([
    ['SIGTERM', (app) => app.process().kill('SIGTERM'), '1.1.0'],
    ['SIGINT', (app) => app.process().kill('SIGINT'), '1.1.0'],
    ['SIGHUP', (app) => app.process().kill('SIGHUP'), '1.1.0'],
    ['its last window', async (app) => (await app.firstWindow()).close(), '1.1.0'],
    ['app.quit()', async (app) => endsItself(app.evaluate(({ app }) => app.quit())), '1.1.0'],
    // Electron emits no quit events here, so nothing is installed and the update stays staged.
    ['app.exit()', async (app) => endsItself(app.evaluate(({ app }) => app.exit())), '1.0.0'],
  ])('on the end by %s is installed when the app has quit', async (_how, end, version) => {
    const { installed, app } = await openStaged();
    const ended = once(app.process(), 'exit');
    await end(app);
    await ended;
    expect(await installed.installed()).toBe(version);
  });

  it('comes back as it was when the install fails after its windows are closed', async () => {
    const { installed, app, install, notes } = await openStaged();
    await app.evaluate(() => scenesApp.spoilOnQuit());
    await endsItself(install('now'));
    expect({ notes: await notes(2), installed: await installed.installed() }).toEqual({
      notes: ['1.0.0 starts', '1.0.0 starts'],
      installed: '1.0.0',
    });
  });
});
