import { afterEach, describe, expect, it } from 'vitest';

import { createAutoUpdater } from '../../src/compat/auto-updater.ts';
import type { AutoUpdater } from '../../src/compat/types.ts';
import { closeApps, type ManagedApp, publishChannel, startApp } from '../support/managed-app.ts';
import { inWorld } from '../support/world.ts';

/**
 * The attacker replays an index that the publisher signed long ago to a fresh installation of a newer version, which
 * has no memory of later ones. The app was written for electron-updater, where setting a channel allows a downgrade.
 */
function migrated(app: ManagedApp): AutoUpdater {
  const autoUpdater = createAutoUpdater({ open: () => app.updater, notify: () => undefined, appName: () => 'Notes' });
  autoUpdater.logger = null;
  return autoUpdater;
}

/** Checks, lets a download end, and quits: what an app does by itself. */
async function checkAndQuit(app: ManagedApp, autoUpdater: AutoUpdater): Promise<unknown> {
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
  const settings: readonly [string, (autoUpdater: AutoUpdater) => void][] = [
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
      const app = await startApp(world, { version: '1.4.0' });
      const autoUpdater = migrated(app);
      set(autoUpdater);
      expect(await checkAndQuit(app, autoUpdater)).toEqual(untouched);
    });
  });

  it('installs nothing when the app switches the channel without the main process confirming it', async () => {
    await inWorld(async (world) => {
      await publishChannel(world, [{ version: '1.2.0' }], { revision: 10, channel: 'beta' });
      const app = await startApp(world, { version: '1.4.0' });
      const autoUpdater = migrated(app);
      autoUpdater.channel = 'beta';
      expect(await checkAndQuit(app, autoUpdater)).toEqual(untouched);
    });
  });

  it('is installed when the app allows it by name, since its publisher wrote so', async () => {
    await inWorld(async (world) => {
      await publishChannel(world, [{ version: '1.2.0' }], { revision: 10 });
      const app = await startApp(world, { version: '1.4.0' });
      const autoUpdater = migrated(app);
      autoUpdater.allowDowngrade = true;
      expect(await checkAndQuit(app, autoUpdater)).toEqual(downgraded);
    });
  });

  it('is installed when the main process confirmed the switch, and a check of the app does not forget that', async () => {
    await inWorld(async (world) => {
      await publishChannel(world, [{ version: '1.4.0' }], { revision: 10 });
      await publishChannel(world, [{ version: '1.2.0' }], { revision: 10, channel: 'beta' });
      const app = await startApp(world, { version: '1.4.0' });
      const autoUpdater = migrated(app);
      autoUpdater.autoDownload = false;
      await autoUpdater.updater.setChannel('beta', { allowDowngrade: true });
      autoUpdater.channel = 'beta';
      autoUpdater.autoDownload = true;
      expect(await checkAndQuit(app, autoUpdater)).toEqual(downgraded);
    });
  });
});
