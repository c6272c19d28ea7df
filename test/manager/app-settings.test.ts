import { readFile } from 'node:fs/promises';

import { afterEach, describe, expect, it } from 'vitest';

import type { DownloadRequest } from '../../src/main/ports.ts';
import type { InstallAt } from '../../src/shared/state.ts';
import { closeApps, publishChannel, startApp } from '../support/managed-app.ts';
import { inWorld } from '../support/world.ts';

afterEach(closeApps);

describe('a setting that is a function', () => {
  it('is also called when the app quits, and decides whether a staged update is installed', async () => {
    await inWorld(async (world) => {
      await world.release('1.1.0');
      let at: InstallAt = 'quit';
      const { updater, host, install } = await startApp(world, { settings: { installAt: () => at } });
      await updater.check();
      await updater.download();
      at = 'now';
      await host.userQuits();
      const before = [...install.done];
      at = 'quit';
      await host.userQuits();
      expect({ before, after: install.done }).toEqual({ before: [], after: ['install 1.1.0'] });
    });
  });

  it('does not override what the user chose', async () => {
    await inWorld(async (world) => {
      await world.release('1.1.0');
      const { updater, host, install } = await startApp(world, { settings: { installAt: () => 'now' } });
      await updater.check();
      await updater.download();
      await updater.install('quit');
      await host.userQuits();
      expect(install.done).toEqual(['install 1.1.0']);
    });
  });

  it('sets the channel after the administrator and the user, but before the build', async () => {
    await inWorld(async (world) => {
      await publishChannel(world, [{ version: '1.1.0' }], { revision: 10 });
      await publishChannel(world, [{ version: '1.2.0' }], { revision: 10, channel: 'beta' });
      await publishChannel(world, [{ version: '1.3.0' }], { revision: 10, channel: 'nightly' });
      let channel: string | undefined = 'beta';
      const settings = { channel: () => channel };
      const app = await startApp(world, { settings });
      const managed = await startApp(world, { settings, policy: { channel: 'stable' } });
      const offered = async ({ updater }: typeof app): Promise<unknown> => {
        const state = await updater.check();
        return 'release' in state ? state.release.version : state;
      };
      const first = await offered(app);
      channel = undefined;
      const build = await offered(app);
      channel = 'beta';
      await app.updater.setChannel('nightly');
      expect({ first, build, user: await offered(app), administrator: await offered(managed) }).toEqual({
        first: '1.2.0',
        build: '1.1.0',
        user: '1.3.0',
        administrator: '1.1.0',
      });
    });
  });

  it('that returns a wrong channel makes only the check fail', async () => {
    await inWorld(async (world) => {
      await world.release('1.1.0');
      let channel = '../beta';
      const { updater } = await startApp(world, { settings: { channel: () => channel } });
      const wrong = await updater.check();
      channel = 'stable';
      const right = await updater.check();
      expect({ wrong, right }).toMatchObject({
        wrong: { type: 'idle', lastError: { code: 'OPTIONS_INVALID' } },
        right: { type: 'available' },
      });
    });
  });

  it('that throws does not consent to an older version', async () => {
    await inWorld(async (world) => {
      await publishChannel(world, [{ version: '1.2.0' }], { revision: 10 });
      const allowDowngrade = (): boolean => {
        throw new Error('A bug of the app.');
      };
      const { updater } = await startApp(world, { version: '1.4.0', settings: { allowDowngrade } });
      expect(await updater.check()).toMatchObject({ type: 'idle' });
    });
  });

  it.each([true, false])('decides whether only changes are transferred: %s', async (deltas) => {
    await inWorld(async (world) => {
      await world.release('1.1.0');
      const asked: DownloadRequest[] = [];
      const { updater } = await startApp(world, {
        settings: { deltas: () => deltas },
        trust: (trust) => ({
          ...trust,
          artifact: async (...args) => ({ ...(await trust.artifact(...args)), delta: { patches: [] } }),
        }),
        download: (download) => ({
          ...download,
          start(request) {
            asked.push(request);
            return download.start(request);
          },
        }),
      });
      await updater.check();
      await updater.download();
      expect(asked.map((request) => request.delta !== undefined)).toEqual([deltas]);
    });
  });
});

describe('information for the app', () => {
  it('includes the releases of the channel and the staged file', async () => {
    await inWorld(async (world) => {
      await publishChannel(world, [{ version: '1.1.0' }, { version: '1.0.0' }], { revision: 10 });
      const { updater } = await startApp(world);
      const before = [updater.lastReleases, await updater.stagedFile()];
      await updater.check();
      const listed = updater.lastReleases.map(({ version, file }) => [version, file?.name]);
      await updater.download();
      const path = await updater.stagedFile();
      expect({ before, listed, staged: await readFile(path ?? '', 'utf8') }).toEqual({
        before: [[], undefined],
        listed: [
          ['1.1.0', 'Notes-1.1.0.AppImage'],
          ['1.0.0', 'Notes-1.0.0.AppImage'],
        ],
        staged: 'the bytes of 1.1.0',
      });
    });
  });
});

it('does not relaunch the app if that is turned off', async () => {
  await inWorld(async (world) => {
    await world.release('1.1.0');
    const { updater, host, install } = await startApp(world);
    await updater.check();
    await updater.download();
    await updater.install('now', { relaunch: false });
    expect({ install: install.done, host: host.done }).toEqual({ install: ['install 1.1.0'], host: ['quit', 'exit'] });
  });
});
