import { beforeEach, describe, expect, it } from 'vitest';

import type { AppUpdater } from '../../src/compat/app-updater.ts';
import { CancellationToken } from '../../src/compat/cancellation.ts';
import { UpdateError } from '../../src/shared/errors.ts';
import { misconfigured } from '../../src/shared/explanation.ts';
import { progressAt, release, type ScriptedUpdater } from '../support/scripted-updater.ts';
import { disabledState } from '../support/states.ts';
import { byItself, createRig, listen, logOf, nothing, offer, type Rig } from './rig.ts';

let updater: ScriptedUpdater;
let ours: AppUpdater;
let wishes: Rig['wishes'];
let notifications: Rig['notifications'];
let announced: Rig['announced'];
beforeEach(() => {
  ({ updater, ours, wishes, notifications, announced } = createRig());
});

describe('the compatible autoUpdater', () => {
  it("reads the app's settings whenever it needs them", async () => {
    nothing(updater);
    const asked = (): unknown => ({
      channel: wishes()?.channel(),
      allowDowngrade: wishes()?.allowDowngrade(),
      installAt: wishes()?.installAt('1.1.0'),
      deltas: wishes()?.deltas(),
      requestHeaders: wishes()?.requestHeaders(),
    });
    await ours.checkForUpdates();
    const first = asked();
    ours.channel = 'latest';
    ours.allowDowngrade = true;
    ours.autoInstallOnAppQuit = false;
    ours.disableDifferentialDownload = true;
    ours.requestHeaders = { accept: '*/*' };
    ours.addAuthHeader('Bearer secret');
    expect({ first, later: asked(), calls: updater.calls }).toEqual({
      first: { channel: undefined, allowDowngrade: false, installAt: 'quit', deltas: true, requestHeaders: {} },
      later: {
        channel: 'stable',
        allowDowngrade: true,
        installAt: 'now',
        deltas: false,
        requestHeaders: { accept: '*/*', authorization: 'Bearer secret' },
      },
      calls: [byItself],
    });
  });

  it.each([
    { call: [], autoRun: true, relaunch: true },
    { call: [], autoRun: false, relaunch: false },
    { call: [false, true], autoRun: true, relaunch: true },
    { call: [true, true], autoRun: false, relaunch: true },
    { call: [true], autoRun: true, relaunch: false },
  ])('starts the app again as electron-updater does: $call, $autoRun', async ({ call, autoRun, relaunch }) => {
    ours.autoRunAppAfterInstall = autoRun;
    ours.quitAndInstall(...call);
    await expect.poll(() => updater.calls).toEqual([['install', 'now', { relaunch }]]);
  });

  it('announces the quit if there is something to install', async () => {
    ours.quitAndInstall();
    await expect.poll(() => updater.calls.length).toBe(1);
    const before = announced();
    updater.say({ type: 'staged', release, installAt: 'quit' });
    ours.quitAndInstall();
    await expect.poll(() => updater.calls.length).toBe(2);
    expect({ before, after: announced() }).toEqual({ before: 0, after: 1 });
  });

  it('restarts from the listener of update-downloaded', async () => {
    offer(updater);
    ours.on('update-downloaded', () => ours.quitAndInstall());
    await (
      await ours.checkForUpdates()
    )?.downloadPromise;
    await expect.poll(() => updater.calls.at(-1)).toEqual(['install', 'now', { relaunch: true }]);
  });

  it('reports the downloaded file, and does not download it again', async () => {
    offer(updater);
    const files: string[] = [];
    ours.on('update-downloaded', ({ downloadedFile }) => void files.push(downloadedFile));
    const paths = await (await ours.checkForUpdates())?.downloadPromise;
    const again = await ours.downloadUpdate();
    const file = '/updates/staged/Notes.AppImage';
    expect({ files, paths, again, downloads: updater.calls.filter(([name]) => name === 'download').length }).toEqual({
      files: [file],
      paths: [file],
      again: [file],
      downloads: 1,
    });
  });

  it("notifies after a download, with the app's own text", async () => {
    offer(updater);
    const result = await ours.checkForUpdatesAndNotify({ title: '{appName}!', body: '{version} is there' });
    await result?.downloadPromise;
    await expect.poll(() => notifications).toEqual([{ title: 'Notes!', body: '1.1.0 is there' }]);
  });

  it.each(['of a check', 'of the app', 'of a parent'] as const)('cancels by the token %s', async (whose) => {
    offer(updater);
    const started = Promise.withResolvers<void>();
    const over = Promise.withResolvers<void>();
    updater.on('download', async () => {
      updater.say({ type: 'downloading', release, progress: progressAt(1) });
      started.resolve();
      await over.promise;
      updater.say({ type: 'available', release, downloadSize: 1000, fullSize: 1000 });
    });
    updater.on('cancel', () => over.resolve());
    ours.autoDownload = whose === 'of a check';
    const { order } = listen(ours);
    const result = await ours.checkForUpdates();
    const own = new CancellationToken();
    const token = whose === 'of a parent' ? new CancellationToken(own) : own;
    const download = result?.downloadPromise ?? ours.downloadUpdate(token);
    download.catch(() => undefined);
    await started.promise;
    (whose === 'of a check' ? result?.cancellationToken : own)?.cancel();
    await expect(download).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(order).toEqual(['checking-for-update', 'update-available', 'update-cancelled']);
  });

  it('is inactive if updates are off, and logs that', async () => {
    const lines = logOf(ours);
    updater.say(disabledState('unsupported', { reason: 'unsupported', params: {} }));
    expect([await ours.checkForUpdates(), ours.isUpdaterActive(), lines]).toEqual([
      null,
      false,
      ['Skip checkForUpdates: This installation cannot update itself.'],
    ]);
  });

  it('is not opened in development, like electron-updater', async () => {
    const development = createRig({ isPackaged: () => false }).ours;
    development.logger = null;
    const before = [await development.checkForUpdates(), development.isUpdaterActive()];
    development.forceDevUpdateConfig = true;
    expect([...before, development.isUpdaterActive()]).toEqual([null, false, true]);
  });

  it.each([
    ['opening fails', () => Promise.reject(new UpdateError('OPTIONS_CONFIG_MISSING', 'There is no update.json.'))],
    ['updates are off for a wrong configuration', async () => Promise.resolve()],
  ])('emits one error and rejects with it if %s, and throws nothing else', async (_, opening) => {
    const failure = await opening().then(
      () => undefined,
      (error: unknown) => error as UpdateError,
    );
    updater.say(disabledState('misconfigured', misconfigured(new Error('There is no update.json.'))));
    const { ours: broken } = createRig({
      open() {
        if (failure !== undefined) throw failure;
        return updater;
      },
    });
    broken.logger = null;
    const heard: unknown[] = [];
    broken.on('error', (error) => void heard.push(error));
    const read = [broken.isUpdaterActive(), broken.currentVersion.version, broken.channel, broken.allowPrerelease];
    const rejected: unknown = await broken.checkForUpdates().catch((error: unknown) => error);
    broken.quitAndInstall();
    expect({ read, heard, message: (rejected as Error).message }).toEqual({
      read: [true, '1.0.0', null, false],
      heard: [rejected],
      message: 'There is no update.json.',
    });
  });

  it('survives errors without a listener, and failing listeners', async () => {
    updater.on('install', async () => Promise.reject(new Error('not staged')));
    ours.quitAndInstall();
    await new Promise((resolve) => setImmediate(resolve));
    const errors: string[] = [];
    ours.on('error', (error) => void errors.push(error.message));
    ours.quitAndInstall();
    await expect.poll(() => errors.length).toBe(1);
    offer(updater);
    ours.on('update-downloaded', () => {
      throw new Error('A bug of the app.');
    });
    const lines = logOf(ours);
    await (
      await ours.checkForUpdates()
    )?.downloadPromise;
    expect(lines).toEqual([expect.stringContaining('A bug of the app.')]);
  });
});
