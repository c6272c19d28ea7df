import { SemVer } from 'semver';
import { beforeEach, describe, expect, it } from 'vitest';

import type { AppUpdater } from '../../src/compat/app-updater.ts';
import { bindAppUpdater } from '../../src/compat/bind.ts';
import { UpdateError } from '../../src/shared/errors.ts';
import { plainSurroundings } from '../support/migrated-updater.ts';
import { release, type ScriptedUpdater } from '../support/scripted-updater.ts';
import { byItself, createRig, listen, nothing, offer, type Rig } from './rig.ts';

let updater: ScriptedUpdater;
let ours: AppUpdater;
let wishes: Rig['wishes'];
beforeEach(() => {
  ({ updater, ours, wishes } = createRig());
});

describe("the app's own rules", () => {
  it('hold a release back, which is then neither downloaded nor installed', async () => {
    offer(updater);
    const { order } = listen(ours);
    const seen: unknown[] = [];
    ours.isUserWithinRollout = async ({ version }) => {
      seen.push(version);
      return Promise.resolve(false);
    };
    const result = await ours.checkForUpdates();
    await expect(ours.downloadUpdate()).rejects.toMatchObject({ code: 'MANAGER_WRONG_STATE' });
    expect({
      order,
      seen,
      offered: result?.isUpdateAvailable,
      installAt: wishes()?.installAt('1.1.0'),
      calls: updater.calls,
    }).toEqual({
      order: ['checking-for-update', 'update-not-available', 'error'],
      seen: ['1.1.0'],
      offered: false,
      installAt: 'now',
      calls: [byItself],
    });
  });

  it('release a version that they held back', async () => {
    offer(updater);
    let answer = false;
    ours.isUpdateSupported = () => answer;
    const first = await ours.checkForUpdates();
    answer = true;
    const second = await ours.checkForUpdates();
    await second?.downloadPromise;
    expect([first?.isUpdateAvailable, second?.isUpdateAvailable, wishes()?.installAt('1.1.0')]).toEqual([
      false,
      true,
      'quit',
    ]);
  });

  it('hold back a staged update', async () => {
    updater.on('check', () => {
      updater.say({ type: 'checking' });
      updater.say({ type: 'staged', release, installAt: 'quit' });
    });
    const { order } = listen(ours);
    ours.isUpdateSupported = () => false;
    await ours.checkForUpdates();
    expect({ order, installAt: wishes()?.installAt('1.1.0') }).toEqual({
      order: ['checking-for-update', 'update-not-available'],
      installAt: 'now',
    });
  });

  it('fail the check when they fail', async () => {
    offer(updater);
    const { order } = listen(ours);
    ours.isUpdateSupported = () => Promise.reject(new Error('no answer'));
    await expect(ours.checkForUpdates()).rejects.toThrow('no answer');
    expect(order).toEqual(['checking-for-update', 'error']);
  });

  it('can call the previous rule', async () => {
    offer(updater);
    const before = ours.isUserWithinRollout;
    ours.isUserWithinRollout = async (info) => before(info);
    expect((await ours.checkForUpdates())?.isUpdateAvailable).toBe(true);
  });
});

describe('a channel of pre-releases', () => {
  it.each([
    ['1.0.0', 'beta'],
    ['1.1.0-alpha.2', 'alpha'],
    ['1.1.0-7', 'beta'],
  ])('is, for version %s, the channel %s, and logged once', async (version, channel) => {
    const { ours: own, updater, wishes } = createRig({ version: () => version });
    nothing(updater);
    const warnings: unknown[] = [];
    own.logger = { info() {}, warn: (line) => void warnings.push(line), error() {} };
    own.allowPrerelease = true;
    own.allowPrerelease = true;
    await own.checkForUpdates();
    await own.checkForUpdates();
    expect({ calls: updater.calls, wanted: wishes()?.channel(), warnings: warnings.length }).toEqual({
      calls: [['previewChannel', channel], byItself, byItself],
      wanted: channel,
      warnings: 1,
    });
    own.allowPrerelease = false;
    expect(wishes()?.channel()).toBeUndefined();
    own.channel = 'nightly';
    own.allowPrerelease = true;
    expect(wishes()?.channel()).toBe('nightly');
  });

  it('that does not exist leaves the app on its own one, and is logged', async () => {
    nothing(updater);
    updater.on('previewChannel', () => {
      throw new UpdateError('TRUST_TARGET_UNKNOWN', 'There is no such target.');
    });
    const warnings: string[] = [];
    ours.logger = { info() {}, warn: (line) => void warnings.push(String(line)), error() {} };
    ours.allowPrerelease = true;
    await ours.checkForUpdates();
    expect({ wanted: wishes()?.channel(), warnings }).toEqual({
      wanted: undefined,
      warnings: [
        expect.stringMatching(/^autoUpdater\.allowPrerelease/),
        expect.stringContaining('there is no channel "beta"'),
      ],
    });
  });
});

describe("an object of one of electron-updater's classes", () => {
  it("accepts the constructor's options, and is an instance of its class", () => {
    const NsisUpdater = bindAppUpdater(plainSurroundings({ open: () => updater }));
    class OwnUpdater extends NsisUpdater {
      readonly own = 'own';
    }
    const lines: unknown[] = [];
    const updaters = [new NsisUpdater(), new OwnUpdater({ provider: 'generic', requestHeaders: { accept: 'a' } })];
    for (const each of updaters) each.logger = { info() {}, warn: (line) => void lines.push(line), error() {} };
    expect(
      updaters.map((each) => [each instanceof NsisUpdater, each instanceof OwnUpdater, each.requestHeaders]),
    ).toEqual([
      [true, false, null],
      [true, true, { accept: 'a' }],
    ]);
    expect(lines).toEqual([]);
  });

  it('logs each difference once, with a page to read, and repeats no secret', () => {
    const lines = [] as string[];
    ours.logger = { info() {}, warn: (line) => void lines.push(String(line)), error() {} };
    for (let time = 0; time < 2; time += 1) {
      ours.setFeedURL({ provider: 'github', channel: 'beta', token: 'ghp_secret' });
      ours.addAuthHeader('Bearer secret');
      ours.requestHeaders = { 'PRIVATE-TOKEN': 'secret' };
      ours.currentVersion = new SemVer('0.0.1');
      ours.updateConfigPath = 'dev-app-update.yml';
      ours.installDirectory = 'C:\\Notes';
      ours.verifyUpdateCodeSignature = async () => Promise.resolve(null);
      ours.previousBlockmapBaseUrlOverride = 'https://example.org';
    }
    expect({
      about: lines.map((line) => line.split(':')[0]),
      without: lines.filter((line) => !line.endsWith('migrate-from-electron-updater.md#what-differs')),
      secrets: lines.filter((line) => line.includes('secret')),
      version: ours.currentVersion.version,
      url: ours.getFeedURL(),
    }).toEqual({
      about: [
        'autoUpdater.setFeedURL',
        'autoUpdater.addAuthHeader',
        'autoUpdater.requestHeaders',
        'autoUpdater.currentVersion',
        'autoUpdater.updateConfigPath',
        'autoUpdater.installDirectory',
        'autoUpdater.verifyUpdateCodeSignature',
        'autoUpdater.previousBlockmapBaseUrlOverride',
      ],
      without: [],
      secrets: [],
      version: '1.0.0',
      url: null,
    });
  });
});
