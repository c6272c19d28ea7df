// @module-tag slow
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';

import type { InstalledApp } from '../../scripts/demo/installed-app.ts';
import { createSigningKey } from '../../scripts/demo/world.ts';
import { setExpiry } from '../../src/repository/index.ts';
import type { UpdatesApi } from '../../src/shared/ipc.ts';
import { look } from './look.ts';
import { createNotesRig, launch, type NotesRig, type RunningNotes } from './notes-rig.ts';
import { openPanel, press, readPanel, untilHeadline } from './panel.ts';
import { electronName, windows } from '../support/electron.ts';
import { requires } from '../support/requires.ts';

declare const updates: UpdatesApi;

describe(`Notes in trouble, in ${electronName}`, requires(windows), () => {
  let rig: NotesRig;
  let home: InstalledApp;
  let running: RunningNotes | undefined;

  /** Installs and launches Notes in a new home, and opens its update panel. */
  const start = async (version = '1.0.0'): Promise<RunningNotes> => {
    home = await rig.install(version);
    running = await launch(home);
    await openPanel(running.page);
    return running;
  };
  const sha256 = async (): Promise<string> =>
    createHash('sha256')
      .update(await readFile(home.executable))
      .digest('hex');

  beforeAll(async () => {
    rig = await createNotesRig();
    await rig.publish({ version: '1.1.0' });
  });
  afterEach(async () => {
    rig.network.tampering = false;
    rig.network.thaw();
    await rig.network.goUp();
    await running?.app.close();
    running = undefined;
  });
  afterAll(async () => rig?.close());

  it('reports calmly that it is offline, and works again once it is online', async () => {
    const { page } = await start();
    await rig.network.goDown();
    await press(page, 'Check for updates');
    await untilHeadline(page, 'The update server cannot be reached');
    const offline = await readPanel(page);
    const violations = await look(page, 'flow-offline');
    await rig.network.goUp();
    await press(page, 'Check for updates');
    await untilHeadline(page, 'Notes 1.1.0 is available');
    expect({ violations, offline }).toEqual({
      violations: [],
      offline: {
        headline: 'The update server cannot be reached',
        detail: expect.stringContaining('Check the connection'),
        actions: ['Check for updates'],
        chip: 'Notes 1.0.0: Cannot check',
      },
    });
  });

  it('refuses a tampered update, and reports that calmly', async () => {
    const { page } = await start();
    const before = await sha256();
    await press(page, 'Check for updates');
    await untilHeadline(page, 'Notes 1.1.0 is available');
    rig.network.tampering = true;
    await press(page, 'Download');
    await untilHeadline(page, 'An update was refused');
    expect({
      panel: await readPanel(page),
      sha256: await sha256(),
      violations: await look(page, 'flow-tampered'),
    }).toEqual({
      panel: {
        headline: 'An update was refused',
        detail: expect.stringContaining('Nothing was installed'),
        actions: ['Download', 'Later', 'Skip'],
        chip: 'Notes 1.0.0: Update refused',
      },
      sha256: before,
      violations: [],
    });
  });

  it('refuses a release with valid TUF metadata but without the publisher’s signature, and installs the next good one', async () => {
    const { page } = await start();
    const before = await sha256();
    const forger = await createSigningKey(join(home.home, 'forger.pem'));
    await rig.publish({ version: '6.6.6' }, { forger });
    await press(page, 'Check for updates');
    await untilHeadline(page, 'An update was refused');
    const refused = [await readPanel(page), await sha256(), await look(page, 'flow-forged')];
    await rig.publish({ version: '1.1.1' });
    await press(page, 'Check for updates');
    await untilHeadline(page, 'Notes 1.1.1 is available');
    await rig.world.change('1.1.1', { withdrawn: true });
    expect(refused).toEqual([
      {
        headline: 'An update was refused',
        detail:
          'It does not carry the signature of the people who make Notes, so it was not even downloaded. There is nothing you need to do: Notes keeps working, and asks again later.',
        actions: ['Check for updates'],
        chip: 'Notes 1.0.0: Update refused',
      },
      before,
      [],
    ]);
  });

  it('notices that metadata is withheld, says since when, and continues with fresh metadata', async () => {
    const { page } = await start('1.9.0');
    const { store } = rig.world.repository;
    await setExpiry(store, 'timestamp', Date.now() + 6000);
    await rig.network.freeze();
    await press(page, 'Check for updates');
    await untilHeadline(page, 'Notes is up to date');
    await expect
      .poll(
        async () => {
          await page.evaluate(async () => updates.check());
          return (await readPanel(page)).headline;
        },
        { timeout: 15_000 },
      )
      .toBe('No fresh news');
    const stale = [await readPanel(page), await look(page, 'flow-held-back')];
    rig.network.thaw();
    await setExpiry(store, 'timestamp', Date.now() + 86_400_000);
    await press(page, 'Check for updates');
    await untilHeadline(page, 'Notes is up to date');
    expect(stale).toEqual([
      {
        headline: 'No fresh news',
        detail: expect.stringMatching(/^The publisher’s last word was good until .*; nothing newer has come since\./),
        actions: ['Check for updates'],
        chip: 'Notes 1.9.0: No fresh news',
      },
      [],
    ]);
  });

  it('explains why a newer version is not offered, and creates a report without personal data', async () => {
    await rig.publish({ version: '9.0.0' }, { policy: { rollout: { basisPoints: 0 } } });
    onTestFinished(async () => rig.world.change('9.0.0', { withdrawn: true }));
    const { page } = await start('1.9.0');
    await press(page, 'Check for updates');
    await untilHeadline(page, 'Notes is up to date');
    await page.getByText('Notes 9.0.0 is on its way').waitFor();
    await press(page, 'Copy report for support');
    await page.getByText('Copied. This is all that it says:').waitFor();
    const report = await page.locator('#report').innerText();
    const violations = await look(page, 'flow-report');
    expect({ report, violations }).toEqual({
      report: expect.stringMatching(
        /9\.0\.0 is being rolled out to 0 % of installations, not yet to this one\.[^]*version: 1\.9\.0/,
      ),
      violations: [],
    });
    expect(report).not.toMatch(/\/|127\.0\.0\.1|localhost/);
  });
});
