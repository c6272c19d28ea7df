// @module-tag slow
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { windows } from '../support/electron.ts';
import { requires } from '../support/requires.ts';
import { createScriptAppWorld, type ScriptAppWorld } from '../support/script-app.ts';

/** An app that was written for electron-updater, over the real manager and a real repository. */
describe('autoUpdater in an installed app', requires(windows), () => {
  let apps: ScriptAppWorld;
  beforeAll(async () => {
    apps = await createScriptAppWorld(resolve(import.meta.dirname, 'app/main.ts'));
    await apps.publish('1.0.0');
    await apps.publish('1.1.0');
    await apps.publish('1.2.0', { channel: 'beta' });
  });
  afterAll(async () => apps.close());

  it('checks, downloads, quits, installs and starts again', async () => {
    const app = await apps.install('1.0.0');
    const lines = await app.run({ NOTES_PLAN: 'restart' });
    expect([lines, await app.written('version'), await app.installed()]).toEqual([
      [
        'checking-for-update',
        'update-available 1.1.0',
        'result true 1.1.0',
        'download-progress',
        'update-downloaded 1.1.0',
      ],
      '1.1.0',
      '1.1.0',
    ]);
  });

  it('waits for downloadUpdate without autoDownload, and installs when the app is quit', async () => {
    const app = await apps.install('1.0.0');
    const lines = await app.run({ NOTES_PLAN: 'ask-first' });
    expect([lines.slice(0, 3), lines.at(-1), await app.installed()]).toEqual([
      ['checking-for-update', 'update-available 1.1.0', 'result true 1.1.0'],
      'update-downloaded 1.1.0',
      '1.1.0',
    ]);
  });

  it('switches to another channel, and back by a downgrade that the app allows', async () => {
    const app = await apps.install('1.1.0');
    const there = await app.run({ NOTES_PLAN: 'beta' });
    const onBeta = await app.installed();
    const back = await app.run({ NOTES_PLAN: 'latest' });
    expect([there.at(-1), onBeta, back, await app.installed()]).toEqual([
      'update-downloaded 1.2.0',
      '1.2.0',
      [
        'checking-for-update',
        'update-not-available 1.2.0',
        'result false 1.2.0',
        'checking-for-update',
        'update-available 1.1.0',
        'result true 1.1.0',
        'download-progress',
        'update-downloaded 1.1.0',
      ],
      '1.1.0',
    ]);
  });

  it('reports that there is nothing newer, and reports an error by event and rejection', async () => {
    const app = await apps.install('1.1.0');
    const current = await app.run({ NOTES_PLAN: 'check' });
    await apps.world.goOffline();
    const offline = await app.run({ NOTES_PLAN: 'check' });
    expect([current, offline]).toEqual([
      ['checking-for-update', 'update-not-available 1.1.0', 'result false 1.1.0'],
      ['checking-for-update', 'error TRUST_OFFLINE', 'rejected TRUST_OFFLINE'],
    ]);
  });
});
