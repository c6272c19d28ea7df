import { SemVer } from 'semver';
import { afterEach, describe, expect, it } from 'vitest';

import type { AppUpdater } from '../../src/compat/app-updater.ts';
import { closeApps, publishChannel } from '../support/managed-app.ts';
import { type MigratedApp, startMigratedApp } from '../support/migrated-updater.ts';
import { inWorld } from '../support/world.ts';

/**
 * The attacker replays an index that the publisher signed long ago to a fresh installation of a newer version, which
 * has no memory of later ones. The app was written for electron-updater, where setting a channel allows a downgrade.
 */
/** Checks, lets a download end, and quits: what an app does by itself. */
async function checkAndQuit(app: MigratedApp): Promise<unknown> {
  const { autoUpdater } = app;
  const result = await autoUpdater.checkForUpdates();
  await result?.downloadPromise;
  const { state } = app.updater;
  await app.host.userQuits();
  return {
    offered: result?.isUpdateAvailable === true ? result.updateInfo.version : 'nothing',
    state: state.type,
    done: app.install.done,
  };
}

const untouched = { offered: 'nothing', state: 'idle', done: [] };
const downgraded = { offered: '1.2.0', state: 'staged', done: ['install 1.2.0'] };

afterEach(closeApps);

describe('an old index that is replayed to an app with the compatible autoUpdater', () => {
  const settings: readonly [string, (autoUpdater: AppUpdater) => void][] = [
    ['names its channel', (autoUpdater) => (autoUpdater.channel = 'latest')],
    ['names it as this package does', (autoUpdater) => (autoUpdater.channel = 'stable')],
    [
      'names it after others',
      (autoUpdater) => {
        autoUpdater.channel = 'beta';
        autoUpdater.channel = 'latest';
      },
    ],
    [
      'takes its consent back',
      (autoUpdater) => {
        autoUpdater.allowDowngrade = true;
        autoUpdater.allowDowngrade = false;
      },
    ],
  ];
  it.each(settings)('installs nothing when the app %s', async (_, set) => {
    await inWorld(async (world) => {
      await publishChannel(world, [{ version: '1.2.0' }], { revision: 10 });
      const app = await startMigratedApp(world, { version: '1.4.0' });
      set(app.autoUpdater);
      expect(await checkAndQuit(app)).toEqual(untouched);
    });
  });

  it('installs nothing when the app switches the channel without the main process confirming it', async () => {
    await inWorld(async (world) => {
      await publishChannel(world, [{ version: '1.2.0' }], { revision: 10, channel: 'beta' });
      const app = await startMigratedApp(world, { version: '1.4.0' });
      const { autoUpdater } = app;
      autoUpdater.channel = 'beta';
      expect(await checkAndQuit(app)).toEqual(untouched);
    });
  });

  it('is installed when the app allows it by name, since its publisher wrote so', async () => {
    await inWorld(async (world) => {
      await publishChannel(world, [{ version: '1.2.0' }], { revision: 10 });
      const app = await startMigratedApp(world, { version: '1.4.0' });
      const { autoUpdater } = app;
      autoUpdater.allowDowngrade = true;
      expect(await checkAndQuit(app)).toEqual(downgraded);
    });
  });

  it('is installed when the main process confirmed the switch, and a check of the app does not forget that', async () => {
    await inWorld(async (world) => {
      await publishChannel(world, [{ version: '1.4.0' }], { revision: 10 });
      await publishChannel(world, [{ version: '1.2.0' }], { revision: 10, channel: 'beta' });
      const app = await startMigratedApp(world, { version: '1.4.0' });
      const { autoUpdater } = app;
      autoUpdater.autoDownload = false;
      await autoUpdater.updater.setChannel('beta', { allowDowngrade: true });
      autoUpdater.channel = 'beta';
      autoUpdater.autoDownload = true;
      expect(await checkAndQuit(app)).toEqual(downgraded);
    });
  });

  it('is installed once: what always allows older versions does not lead further and further down', async () => {
    await inWorld(async (world) => {
      await publishChannel(world, [{ version: '1.2.0' }], { revision: 10 });
      const app = await startMigratedApp(world, { version: '1.4.0' });
      app.autoUpdater.allowDowngrade = true;
      const first = await checkAndQuit(app);
      await app.updater.close();
      await publishChannel(world, [{ version: '1.0.0' }], { revision: 20 });
      const next = await startMigratedApp(world, {
        version: '1.2.0',
        home: app.home,
        install: { recovery: { type: 'installed', from: '1.4.0', to: '1.2.0' } },
      });
      next.autoUpdater.allowDowngrade = true;
      expect({ first, next: await checkAndQuit(next) }).toEqual({ first: downgraded, next: untouched });
    });
  });

  it('installs nothing once the app takes its consent back, also when the older version is staged', async () => {
    await inWorld(async (world) => {
      await publishChannel(world, [{ version: '1.2.0' }], { revision: 10 });
      const app = await startMigratedApp(world, { version: '1.4.0' });
      app.autoUpdater.allowDowngrade = true;
      await (
        await app.autoUpdater.checkForUpdates()
      )?.downloadPromise;
      app.autoUpdater.allowDowngrade = false;
      const staged = app.updater.state.type;
      await app.host.userQuits();
      expect({ staged, done: app.install.done }).toEqual({ staged: 'staged', done: [] });
    });
  });

  it('installs nothing when an app says that it is older than it is', async () => {
    await inWorld(async (world) => {
      await publishChannel(world, [{ version: '1.2.0' }], { revision: 10 });
      const app = await startMigratedApp(world, { version: '1.4.0' });
      app.autoUpdater.currentVersion = new SemVer('1.0.0');
      app.autoUpdater.isUserWithinRollout = () => true;
      app.autoUpdater.isUpdateSupported = () => true;
      expect(await checkAndQuit(app)).toEqual(untouched);
    });
  });
});

describe('what the user decided, in an app with the compatible autoUpdater', () => {
  it('is not undone by a check that the app makes by itself', async () => {
    await inWorld(async (world) => {
      await publishChannel(world, [{ version: '1.1.0' }], { revision: 10 });
      const skipping = await startMigratedApp(world);
      await skipping.autoUpdater.updater.check();
      await skipping.autoUpdater.updater.skip();
      const waiting = await startMigratedApp(world);
      await waiting.autoUpdater.updater.check();
      await waiting.autoUpdater.updater.remindLater();
      expect({ skipping: await checkAndQuit(skipping), waiting: await checkAndQuit(waiting) }).toEqual({
        skipping: untouched,
        waiting: { offered: '1.1.0', state: 'available', done: [] },
      });
    });
  });

  it('is the channel: the one that the app names does not replace it, nor is it remembered', async () => {
    await inWorld(async (world) => {
      await publishChannel(world, [{ version: '1.1.0' }], { revision: 10 });
      await publishChannel(world, [{ version: '1.2.0' }], { revision: 10, channel: 'beta' });
      const chosen = await startMigratedApp(world);
      chosen.autoUpdater.channel = 'latest';
      await chosen.autoUpdater.updater.setChannel('beta');
      const named = await startMigratedApp(world);
      named.autoUpdater.channel = 'beta';
      const onBeta = await named.autoUpdater.checkForUpdates();
      await onBeta?.downloadPromise;
      await named.updater.close();
      const later = await startMigratedApp(world, { home: named.home });
      const onStable = await later.autoUpdater.checkForUpdates();
      const offer = (await chosen.autoUpdater.checkForUpdates())?.updateInfo.version;
      expect({ offer, onBeta: onBeta?.updateInfo.version, later: onStable?.updateInfo.version }).toEqual({
        offer: '1.2.0',
        onBeta: '1.2.0',
        later: '1.1.0',
      });
    });
  });
});
