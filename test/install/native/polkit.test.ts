// @module-tag slow
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { build } from 'tsdown';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import type { UpdateState } from '../../../src/main/headless.ts';
import { requires, root } from '../../support/requires.ts';
import { programsOf } from './packages.ts';
import { type Polkit, startPolkit } from './polkit.ts';
import { turnMs } from './turns.ts';
import { createNativeWorld, giveTo, type NativeWorld, nobody, placeRuntime } from './world.ts';

interface Said {
  readonly version: string;
  readonly uid: number;
  readonly state: UpdateState;
}

/** Everything is real except Electron: the plugin as an unprivileged user, polkit, pkexec and dpkg. */
describe(
  'a deb that its user updates through polkit',
  requires(root, ...programsOf.deb, 'pkexec', 'pkaction', 'dbus-daemon', 'dbus-send', '/usr/lib/polkit-1/polkitd'),
  () => {
    let runtime: Awaited<ReturnType<typeof placeRuntime>>;
    let world: NativeWorld;
    let polkit: Polkit;
    let bundle: string;
    let homes = 0;

    beforeAll(async () => {
      runtime = await placeRuntime();
      world = await createNativeWorld('deb', runtime.path);
      await world.release('1.1.0');
      bundle = join(world.directory, 'bundle');
      await build({
        config: false,
        entry: { app: resolve(import.meta.dirname, 'user-app.ts') },
        outDir: bundle,
        format: 'esm',
        platform: 'node',
        target: 'node22',
        deps: { alwaysBundle: [/./], onlyBundle: false },
        dts: false,
        logLevel: 'error',
      });
      const update = join(world.installDirectory, 'resources/update');
      polkit = await startPolkit(`${world.app}.install-update`, join(update, `${world.app}.policy`));
    }, turnMs);
    afterAll(async () => {
      await polkit?.close();
      await world?.close();
      await runtime?.remove();
    });

    /** Starts the installed app as nobody, and waits until that process has ended. */
    async function start(): Promise<(file: string) => Promise<Said>> {
      homes += 1;
      const home = join(world.directory, `nobody's home ${homes}`);
      await mkdir(home, { mode: 0o700 });
      await giveTo(nobody, home);
      const script = join(bundle, 'app.mjs');
      await chmod(bundle, 0o755);
      const child = spawn(join(world.installDirectory, 'notes'), [script, script, home], {
        uid: nobody,
        gid: nobody,
        cwd: '/',
        env: { PATH: '/usr/bin:/bin', HOME: home, NOTES: world.installDirectory },
        stdio: ['ignore', 'inherit', 'inherit'],
      });
      expect(await once(child, 'close')).toEqual([0, null]);
      return async (file) =>
        vi.waitFor(async () => JSON.parse(await readFile(join(home, file), 'utf8')) as Said, { timeout: 20_000 });
    }

    it('needs an administrator if no rule allows the install, and says which command to run', async () => {
      await polkit.answer('NO');
      const said = await (await start())('failed.json');
      expect({ said, installed: await world.installed() }).toEqual({
        said: {
          version: '1.0.0',
          uid: nobody,
          state: expect.objectContaining({
            release: expect.objectContaining({ version: '1.1.0' }) as unknown,
          }) as unknown,
        },
        installed: { manager: '1.0.0', files: '1.0.0' },
      });
      expect(JSON.stringify(said.state)).toMatch(/INSTALL_ELEVATION_REFUSED.*sudo .*install-update/);
    });

    it('installs 1.1.0 if a rule allows this launcher, and the new version knows that it was installed', async () => {
      await polkit.answer('YES');
      const said = await start();
      expect({ installed: await world.installed(), said: await said('relaunched.json') }).toEqual({
        installed: { manager: '1.1.0', files: '1.1.0' },
        said: { version: '1.1.0', uid: nobody, state: { type: 'idle' } },
      });
    });
  },
);
