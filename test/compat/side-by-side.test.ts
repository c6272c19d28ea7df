import { randomBytes } from 'node:crypto';
import type { EventEmitter } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { AppUpdater } from 'electron-updater';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { createAutoUpdater } from '../../src/compat/auto-updater.ts';
import { infoOf } from '../../src/compat/payloads.ts';
import type { AutoUpdater } from '../../src/compat/types.ts';
import { progressAt, release, type ScriptedUpdater, scriptedUpdater } from '../support/scripted-updater.ts';
import { serveDirectory, type WebServer } from '../support/web-server.ts';
import { openElectronUpdater, writeLatest } from './electron-updater.ts';

/** What apps use of electron-updater: ours must be usable in its place, says the compiler. */
type Used =
  | 'autoDownload'
  | 'autoInstallOnAppQuit'
  | 'allowDowngrade'
  | 'forceDevUpdateConfig'
  | 'channel'
  | 'logger'
  | 'currentVersion'
  | 'isUpdaterActive'
  | 'downloadUpdate'
  | 'quitAndInstall'
  | 'setFeedURL'
  | 'addAuthHeader';
/** Our token is not their class; it cancels. */
type Result<T> = T extends { checkForUpdates(): Promise<infer R> } ? Omit<NonNullable<R>, 'cancellationToken'> : never;
function usable(updater: AutoUpdater): Pick<AppUpdater, Used> {
  return updater;
}
function usableResult(result: Result<AutoUpdater>): Result<AppUpdater> {
  return result;
}

const names = [
  'checking-for-update',
  'update-available',
  'update-not-available',
  'download-progress',
  'update-downloaded',
  'update-cancelled',
  'error',
] as const;

/** The names of the events, a run of progress as one, and the shape of what came with each. */
function listen(updater: EventEmitter): { readonly order: string[]; readonly shapes: Record<string, unknown> } {
  const order: string[] = [];
  const shapes: Record<string, unknown> = {};
  for (const name of names) {
    updater.on(name, (...args: unknown[]) => {
      if (order.at(-1) !== name) order.push(name);
      shapes[name] = args.map((argument) => (argument instanceof Error ? 'Error' : shapeOf(argument)));
    });
  }
  return { order, shapes };
}

/** A value without its content: names and types; lists are lists. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return 'array';
  if (typeof value !== 'object' || value === null) return typeof value;
  if (value instanceof Promise) return 'promise';
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => a.localeCompare(b))
      .map(([name, item]) => [name, name === 'cancellationToken' ? 'token' : shapeOf(item)]),
  );
}

/** What a release is made of in theirs and not in ours: of the way to a file an app has no need. */
let home: string;
let web: WebServer;
let updater: ScriptedUpdater;
let theirs: AppUpdater;
let ours: AutoUpdater;
let notifications: unknown[];
const environment = { APPIMAGE: process.env['APPIMAGE'] };
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'compat-'));
  await mkdir(join(home, 'site'));
  web = await serveDirectory(join(home, 'site'));
  process.env['APPIMAGE'] = join(home, 'Notes.AppImage');
  await writeFile(process.env['APPIMAGE'], 'old');
  theirs = openElectronUpdater(home, web.url);
  updater = scriptedUpdater();
  notifications = [];
  ours = createAutoUpdater({
    open: () => updater,
    notify: (notification) => notifications.push(notification),
    appName: () => 'Notes',
  });
  ours.logger = null;
});
afterEach(async () => {
  await web.close();
  await rm(home, { recursive: true, force: true });
  if (environment.APPIMAGE === undefined) Reflect.deleteProperty(process.env, 'APPIMAGE');
  else process.env['APPIMAGE'] = environment.APPIMAGE;
});

/** The states that our updater goes through when there is a release, and when there is none. */
function offer(): void {
  updater.on('check', () => {
    updater.say({ type: 'checking' });
    updater.say({ type: 'available', release, downloadSize: 1000, fullSize: 1000 });
  });
  updater.on('download', () => {
    updater.say({ type: 'downloading', release, progress: progressAt(0) });
    updater.say({ type: 'downloading', release, progress: progressAt(400) });
    updater.say({ type: 'downloading', release, progress: progressAt(1000) });
    updater.say({ type: 'verifying', release });
    updater.say({ type: 'staged', release, installAt: 'now' });
  });
}
function nothing(): void {
  updater.on('check', () => {
    updater.say({ type: 'checking' });
    updater.say({ type: 'idle' });
  });
}

describe('the compatible autoUpdater beside the real electron-updater', () => {
  it('fits where electron-updater fits', () => {
    const result = { isUpdateAvailable: false, updateInfo: infoOf(release), versionInfo: infoOf(release) };
    expect([usable(ours), usableResult(result)]).toEqual([ours, result]);
  });

  it('emits the same events with the same shapes when an update is found and downloaded', async () => {
    await writeLatest(join(home, 'site'), '1.1.0', randomBytes(300_000));
    offer();
    const heard = { theirs: listen(theirs), ours: listen(ours) };
    const results = { theirs: await theirs.checkForUpdates(), ours: await ours.checkForUpdates() };
    await Promise.all([results.theirs?.downloadPromise, results.ours?.downloadPromise]);
    expect(heard.ours).toEqual(heard.theirs);
    expect(heard.ours.order).toEqual([
      'checking-for-update',
      'update-available',
      'download-progress',
      'update-downloaded',
    ]);
    expect(shapeOf(results.ours)).toEqual(shapeOf(results.theirs));
  });

  it('emits the same when there is nothing new', async () => {
    await writeLatest(join(home, 'site'), '1.0.0', randomBytes(10));
    nothing();
    const heard = { theirs: listen(theirs), ours: listen(ours) };
    const results = { theirs: await theirs.checkForUpdates(), ours: await ours.checkForUpdates() };
    expect(heard.ours.order).toEqual(heard.theirs.order);
    expect([results.ours?.isUpdateAvailable, results.ours?.updateInfo.version]).toEqual([
      results.theirs?.isUpdateAvailable,
      results.theirs?.updateInfo.version,
    ]);
  });

  it('emits an error and rejects when the server does not answer', async () => {
    updater.on('check', () => {
      const lastError = { code: 'TRUST_SERVER', phase: 'trust', message: 'no', retriable: true } as const;
      updater.say({ type: 'checking' });
      updater.say({ type: 'idle', lastError });
    });
    const heard = { theirs: listen(theirs), ours: listen(ours) };
    await expect(theirs.checkForUpdates()).rejects.toThrow();
    await expect(ours.checkForUpdates()).rejects.toMatchObject({ code: 'TRUST_SERVER' });
    expect(heard.ours).toEqual(heard.theirs);
  });

  it('waits for downloadUpdate without autoDownload, and shares calls that come together', async () => {
    await writeLatest(join(home, 'site'), '1.1.0', randomBytes(1000));
    offer();
    theirs.autoDownload = false;
    ours.autoDownload = false;
    const [theirFirst, theirSecond] = await Promise.all([theirs.checkForUpdates(), theirs.checkForUpdates()]);
    const [first, second] = await Promise.all([ours.checkForUpdates(), ours.checkForUpdates()]);
    const without = [theirFirst?.downloadPromise ?? null, first?.downloadPromise ?? null];
    await theirs.downloadUpdate();
    await ours.downloadUpdate();
    expect({ shared: first === second, theirs: theirFirst === theirSecond, without, calls: updater.calls }).toEqual({
      shared: true,
      theirs: true,
      without: [null, null],
      calls: [['check'], ['download'], ['install', 'quit']],
    });
  });

  it('tells of a channel as electron-updater does', () => {
    const seen = [theirs, ours].map((each) => {
      const before = [each.channel, each.allowDowngrade];
      each.channel = 'beta';
      return [before, each.channel, each.currentVersion.format()];
    });
    expect(seen[1]).toEqual(seen[0]);
    // Not with us: test/attacks/compat-downgrade.test.ts says why.
    expect({ theirs: theirs.allowDowngrade, ours: ours.allowDowngrade }).toEqual({ theirs: true, ours: false });
    expect(() => (ours.channel = '')).toThrow(/name of a channel/);
  });
});

describe('the compatible autoUpdater', () => {
  it('takes channel and consent to the next check, each once', async () => {
    nothing();
    ours.channel = 'beta';
    await ours.checkForUpdates();
    ours.channel = 'latest';
    ours.allowDowngrade = true;
    await ours.checkForUpdates();
    await ours.checkForUpdates();
    ours.allowDowngrade = false;
    await ours.checkForUpdates();
    await ours.checkForUpdates();
    expect(updater.calls).toEqual([
      ['setChannel', 'beta', { allowDowngrade: false }],
      ['setChannel', 'stable', { allowDowngrade: true }],
      ['check'],
      ['setChannel', 'stable', { allowDowngrade: false }],
      ['check'],
    ]);
  });

  it('leaves the channel of an administrator alone', async () => {
    nothing();
    const logged: unknown[] = [];
    const note = (message?: unknown): void => void logged.push(message);
    ours.logger = { info: note, warn: note, error: note };
    Object.assign(updater, { channels: ['stable'] });
    ours.channel = 'beta';
    const result = await ours.checkForUpdates();
    expect({ offered: result?.isUpdateAvailable, calls: updater.calls, logged }).toEqual({
      offered: false,
      calls: [['check']],
      logged: ['The channel beta cannot be chosen here; stable stays in use.'],
    });
  });

  it('leaves what is downloaded to the app without autoInstallOnAppQuit', async () => {
    offer();
    ours.autoInstallOnAppQuit = false;
    await (
      await ours.checkForUpdates()
    )?.downloadPromise;
    ours.quitAndInstall();
    await expect.poll(() => updater.calls).toEqual([['check'], ['download'], ['install', 'now']]);
  });

  it('restarts from the listener of update-downloaded, after what was asked for the quit', async () => {
    offer();
    const armed = Promise.withResolvers<void>();
    const order: string[] = [];
    updater.on('install', async (at) => {
      if (at === 'quit') await armed.promise;
      order.push(String(at));
    });
    ours.on('update-downloaded', () => ours.quitAndInstall());
    await (
      await ours.checkForUpdates()
    )?.downloadPromise;
    armed.resolve();
    await expect.poll(() => order).toEqual(['quit', 'now']);
  });

  it('notifies after a download, in the words of the app', async () => {
    offer();
    const result = await ours.checkForUpdatesAndNotify({ title: '{appName}!', body: '{version} is there' });
    await result?.downloadPromise;
    await expect.poll(() => notifications).toEqual([{ title: 'Notes!', body: '1.1.0 is there' }]);
  });

  it('cancels by the token of a check', async () => {
    offer();
    const started = Promise.withResolvers<void>();
    const over = Promise.withResolvers<void>();
    updater.on('download', async () => {
      updater.say({ type: 'downloading', release, progress: progressAt(1) });
      started.resolve();
      await over.promise;
      updater.say({ type: 'available', release, downloadSize: 1000, fullSize: 1000 });
    });
    updater.on('cancel', () => over.resolve());
    const { order } = listen(ours);
    const result = await ours.checkForUpdates();
    await started.promise;
    result?.cancellationToken?.cancel();
    await expect(result?.downloadPromise).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(order).toEqual(['checking-for-update', 'update-available', 'update-cancelled']);
  });

  it('is off where updates are off, and says so to the log', async () => {
    const logged: unknown[] = [];
    const note = (message?: unknown): void => void logged.push(message);
    ours.logger = { info: note, warn: note, error: note };
    updater.say({ type: 'disabled', reason: 'development', message: 'Updates are off in development.' });
    ours.setFeedURL('https://example.org');
    expect([await ours.checkForUpdates(), ours.isUpdaterActive(), ours.getFeedURL(), logged]).toEqual([
      null,
      false,
      null,
      [
        'autoUpdater.setFeedURL has no effect: addresses come from update.json, which "electron-tuf init" writes.',
        'Skip checkForUpdates: Updates are off in development.',
      ],
    ]);
  });

  it('survives errors that nobody listens to', async () => {
    updater.on('install', async () => Promise.reject(new Error('not staged')));
    ours.quitAndInstall();
    await new Promise((resolve) => setImmediate(resolve));
    const errors: string[] = [];
    ours.on('error', (error) => void errors.push(error.message));
    ours.quitAndInstall();
    await expect.poll(() => errors.length).toBe(1);
  });
});
