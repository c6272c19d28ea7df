import { randomBytes } from 'node:crypto';
import type { EventEmitter } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { AppUpdater as TheirUpdater, NsisUpdater as TheirNsisUpdater } from 'electron-updater';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { AppUpdater } from '../../src/compat/app-updater.ts';
import { UpdateError } from '../../src/shared/errors.ts';
import type { ScriptedUpdater } from '../support/scripted-updater.ts';
import { serveDirectory, type WebServer } from '../support/web-server.ts';
import { openElectronUpdater, writeLatest } from './electron-updater.ts';
import { byItself, createRig, listen, nothing, offer, shapeOf } from './rig.ts';

/** What an app can name of theirs and not of ours. It does not compile when there is anything. */
type Missing = Exclude<keyof TheirUpdater | Exclude<keyof TheirNsisUpdater, 'install'>, keyof AppUpdater>;
const missing: [Missing] extends [never] ? 'nothing' : Missing = 'nothing';

/** What an app does with their updater, the compiler lets it do with ours. Their signals and tokens have private parts. */
type Used = Exclude<keyof TheirUpdater, keyof EventEmitter | 'signals' | `checkForUpdates${string}`>;
function usable(updater: AppUpdater): Pick<TheirUpdater, Used> {
  return updater;
}

let home: string;
let web: WebServer;
let updater: ScriptedUpdater;
let theirs: TheirUpdater;
let ours: AppUpdater;
const environment = { APPIMAGE: process.env['APPIMAGE'] };
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'compat-'));
  await mkdir(join(home, 'site'));
  web = await serveDirectory(join(home, 'site'));
  process.env['APPIMAGE'] = join(home, 'Notes.AppImage');
  await writeFile(process.env['APPIMAGE'], 'old');
  theirs = openElectronUpdater(home, web.url);
  ({ updater, ours } = createRig());
});
afterEach(async () => {
  await web.close();
  await rm(home, { recursive: true, force: true });
  if (environment.APPIMAGE === undefined) Reflect.deleteProperty(process.env, 'APPIMAGE');
  else process.env['APPIMAGE'] = environment.APPIMAGE;
});

describe('the compatible autoUpdater beside the real electron-updater', () => {
  it('has the types of electron-updater', () => {
    expect({ missing, ours: usable(ours) === ours }).toEqual({ missing: 'nothing', ours: true });
  });

  it('emits the same events with the same shapes when an update is found and downloaded', async () => {
    await writeLatest(join(home, 'site'), '1.1.0', randomBytes(300_000));
    offer(updater);
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
    nothing(updater);
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
      const lastError = {
        code: 'TRUST_SERVER',
        phase: 'trust',
        message: 'no',
        retriable: true,
        reason: 'server',
      } as const;
      updater.say({ type: 'checking' });
      updater.say({ type: 'idle', lastError });
    });
    const heard = { theirs: listen(theirs), ours: listen(ours) };
    await expect(theirs.checkForUpdates()).rejects.toThrow();
    await expect(ours.checkForUpdates()).rejects.toMatchObject({ code: 'TRUST_SERVER' });
    expect(heard.ours).toEqual(heard.theirs);
  });

  it('waits for downloadUpdate without autoDownload, and shares concurrent calls', async () => {
    await writeLatest(join(home, 'site'), '1.1.0', randomBytes(1000));
    offer(updater);
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
      calls: [byItself, ['download']],
    });
  });

  it('reports a channel like electron-updater', () => {
    const seen = [theirs, ours].map((each) => {
      const before = [each.channel, each.allowDowngrade];
      each.channel = 'beta';
      return [before, each.channel, each.currentVersion.format()];
    });
    expect(seen[1]).toEqual(seen[0]);
    // Not with us: test/attacks/compat-downgrade.test.ts says why.
    expect({ theirs: theirs.allowDowngrade, ours: ours.allowDowngrade }).toEqual({ theirs: true, ours: false });
    for (const each of [theirs, ours]) {
      for (const wrong of ['', null, 7]) expect(() => (each.channel = wrong as string)).toThrow(/[Cc]hannel must be/);
    }
  });

  it('emits an error and rejects when there is nothing to download', async () => {
    updater.on('download', () => {
      throw new UpdateError('MANAGER_WRONG_STATE', 'There is no update to download.');
    });
    const heard = { theirs: listen(theirs), ours: listen(ours) };
    await expect(theirs.downloadUpdate()).rejects.toThrow('Please check update first');
    await expect(ours.downloadUpdate()).rejects.toThrow('There is no update to download.');
    expect(heard.ours).toEqual(heard.theirs);
  });
});
