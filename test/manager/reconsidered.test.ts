import { afterEach, describe, expect, it } from 'vitest';

import { closeApps, type ManagedApp, type ManagedOptions, publishChannel, startApp } from '../support/managed-app.ts';
import { artifact, indexPath, inWorld, type World } from '../support/world.ts';

afterEach(closeApps);

const quickly: ManagedOptions = { patience: { quick: [], long: [] } };

/** An app that has downloaded what its channel offers. */
async function staged(world: World, options: ManagedOptions = {}): Promise<ManagedApp> {
  const app = await startApp(world, { ...quickly, ...options });
  await app.updater.check();
  await app.updater.download();
  expect(app.updater.state.type).toBe('staged');
  return app;
}

/** Ends an app and starts it again as `options` say; then the user quits it. What was installed, and what it showed. */
async function startAndQuit(world: World, before: ManagedApp, options: ManagedOptions): Promise<readonly unknown[]> {
  await before.updater.close();
  const next = await startApp(world, { ...quickly, home: before.home, pid: 4_000_001, ...options });
  const { type } = next.updater.state;
  await next.host.userQuits();
  return [type, next.install.done];
}

function goOffline(world: World): void {
  world.web.answer = async (_path, response) => {
    response.writeHead(503).end();
    return Promise.resolve(true);
  };
}

/** A version whose artifact is looked up elsewhere than the index and 1.1.0's: it alone can be withheld. */
function versionInAnotherBin(world: World): { readonly version: string; readonly bin: string } {
  const binOf = (path: string): string => world.writer.fileOf(path).replace(/^\d+\./, '');
  const taken = [binOf(indexPath), binOf(artifact('1.1.0').file.path)];
  for (let patch = 0; patch < 100; patch += 1) {
    const version = `1.2.${patch}`;
    const bin = binOf(artifact(version).file.path);
    if (!taken.includes(bin)) return { version, bin };
  }
  throw new Error('There is no such version.');
}

describe('a staged update is no longer installed', () => {
  it('if the user installed a newer version', async () =>
    inWorld(async (world) => {
      await world.release('1.1.0');
      const app = await staged(world);
      expect(await startAndQuit(world, app, { version: '2.0.0' })).toEqual(['idle', []]);
    }));

  it('if a check learned that it was withdrawn, and then failed', async () =>
    inWorld(async (world) => {
      await publishChannel(world, [{ version: '1.1.0' }], { revision: 1 });
      const app = await staged(world);
      const { version, bin } = versionInAnotherBin(world);
      await publishChannel(world, [{ version }, { version: '1.1.0', withdrawn: true }], { revision: 2 });
      world.web.answer = async (path, response) => {
        if (!path.endsWith(bin)) return Promise.resolve(false);
        response.writeHead(404).end();
        return Promise.resolve(true);
      };
      const checked = await app.updater.check();
      await app.host.userQuits();
      expect({ checked, install: app.install.done }).toMatchObject({
        checked: { type: 'idle', lastError: { phase: 'trust' } },
        install: [],
      });
    }));

  it('if another process has just learned that it was withdrawn', async () =>
    inWorld(async (world) => {
      await publishChannel(world, [{ version: '1.1.0' }], { revision: 1 });
      const app = await staged(world);
      await publishChannel(world, [{ version: '1.1.0', withdrawn: true }], { revision: 2 });
      await (await world.install({ home: app.home })).update();
      const installed = await app.updater.install();
      expect({ state: installed, install: app.install.done }).toMatchObject({
        state: {
          type: 'idle',
          lastError: { code: 'STAGE_OUTDATED', message: expect.stringContaining('withdrawn') as string },
        },
        install: [],
      });
    }));

  it('if the administrator now allows only other versions, or another channel', async () =>
    inWorld(async (world) => {
      await world.release('1.1.0');
      const settings = { installAt: 'next-launch' } as const;
      const results = [];
      for (const policy of [{ versions: '~1.0' }, { channel: 'lts' }]) {
        const app = await staged(world, { settings, pid: 4_000_002 });
        results.push(await startAndQuit(world, app, { settings, policy }));
      }
      expect(results).toEqual([
        ['idle', []],
        ['idle', []],
      ]);
    }));

  it('if the user left its channel, also without network', async () =>
    inWorld(async (world) => {
      await publishChannel(world, [{ version: '2.0.0-beta.1' }], { revision: 1, channel: 'beta' });
      const app = await startApp(world, quickly);
      await app.updater.setChannel('beta');
      await app.updater.download();
      goOffline(world);
      const left = await app.updater.setChannel('stable');
      await app.host.userQuits();
      expect({ state: left, install: app.install.done }).toMatchObject({
        state: { type: 'idle', lastError: { code: 'TRUST_SERVER' } },
        install: [],
      });
    }));

  it('if the user withdrew the consent to an older version', async () =>
    inWorld(async (world) => {
      await publishChannel(world, [{ version: '0.9.0' }], { revision: 1, channel: 'lts' });
      const app = await startApp(world, quickly);
      await app.updater.setChannel('lts', { allowDowngrade: true });
      await app.updater.download();
      goOffline(world);
      const taken = await app.updater.setChannel('lts');
      await app.host.userQuits();
      expect({ state: taken.type, install: app.install.done }).toEqual({ state: 'idle', install: [] });
    }));
});

describe('a staged update is still installed', () => {
  it('after a failed check and a restart without network', async () =>
    inWorld(async (world) => {
      await world.release('1.1.0');
      const app = await staged(world);
      goOffline(world);
      const failed = await app.updater.check();
      expect({ failed: failed.type, next: await startAndQuit(world, app, {}) }).toEqual({
        failed: 'staged',
        next: ['staged', ['install 1.1.0']],
      });
    }));

  it('although it is older, if the publisher signed that or the user agreed, also after a restart', async () =>
    inWorld(async (world) => {
      await publishChannel(world, [{ version: '0.9.0', replaces: '>=1.0.0' }], { revision: 1 });
      const rolledBack = await startAndQuit(world, await staged(world), {});
      await publishChannel(world, [{ version: '0.9.1' }], { revision: 1, channel: 'lts' });
      const app = await startApp(world, { ...quickly, pid: 4_000_002 });
      await app.updater.setChannel('lts', { allowDowngrade: true });
      await app.updater.download();
      await app.updater.close();
      const next = await startApp(world, { ...quickly, home: app.home, pid: 4_000_003 });
      const shown = next.updater.state;
      await next.host.userQuits();
      expect({ rolledBack, shown, install: next.install.done }).toMatchObject({
        rolledBack: ['staged', ['install 0.9.0']],
        shown: { type: 'staged', release: { version: '0.9.1', step: 'downgrade' } },
        install: ['install 0.9.1'],
      });
    }));
});
