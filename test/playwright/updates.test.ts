import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import type { InstalledApp } from '../../scripts/demo/installed-app.ts';
import {
  createNotesRig,
  forgetDevTools,
  launch,
  type NotesRig,
  relaunched,
  type RunningNotes,
  closeBrowser,
} from './notes-rig.ts';
import { openPanel, press, readPanel, untilHeadline } from './panel.ts';
import { canShowWindows, shellName } from './windows.ts';

const notes =
  '# Calmer and quicker\n\n- **Search** looks through whole notes now\n- <b onclick="x()">Bold</b> [link](javascript:x)';

describe.skipIf(!canShowWindows)(`the windows of Notes, in ${shellName}`, () => {
  let rig: NotesRig;
  let home: InstalledApp;
  let running: RunningNotes | undefined;

  /** Notes 1.0.0 on a computer of its own, with its update panel open. */
  const start = async (): Promise<RunningNotes> => {
    home = await rig.install('1.0.0');
    running = await launch(home);
    await openPanel(running.page);
    return running;
  };
  const installed = async (): Promise<string> => {
    const bytes = await readFile(home.executable);
    return /AppImage of Notes (\S+)\.$/m.exec(bytes.subarray(0, 200).toString('latin1'))?.[1] ?? 'something else';
  };
  const sha256 = async (): Promise<string> =>
    createHash('sha256')
      .update(await readFile(home.executable))
      .digest('hex');

  beforeAll(async () => {
    rig = await createNotesRig();
    await rig.publish({ version: '1.1.0' }, { policy: { notes: { en: notes } } });
    await rig.publish({ version: '1.2.0-beta.1' }, { channel: 'beta' });
  });
  afterEach(async () => {
    rig.network.letGo();
    rig.network.tampering = false;
    await rig.network.goUp();
    await running?.app.close();
    running = undefined;
  });
  afterAll(async () => rig?.close());

  it('updates itself, shows how far it is, and keeps what was written', async () => {
    const { app, page } = await start();
    await page.getByRole('textbox', { name: 'Title' }).fill('Written before the update');
    rig.network.hold(1_000_000);
    await press(page, 'Check for updates');
    await untilHeadline(page, 'Notes 1.1.0 is available');
    const offered = await readPanel(page);
    const shownNotes = await page.getByRole('region', { name: 'What is new in 1.1.0' }).innerHTML();
    await press(page, 'Download');
    await untilHeadline(page, 'Downloading Notes 1.1.0');
    const bar = page.getByRole('progressbar');
    await expect.poll(async () => bar.getAttribute('value').then(Number)).toBeGreaterThan(0);
    const facts = await page.locator('#progress dt').allInnerTexts();
    rig.network.letGo();
    await untilHeadline(page, 'Notes 1.1.0 is ready');
    const ready = await readPanel(page);
    await forgetDevTools(home);
    const ended = once(app.process(), 'close');
    await press(page, 'Restart now');
    const next = await relaunched(home);
    await ended;
    running = undefined;
    await openPanel(next.page);
    const after = {
      title: await next.page.getByRole('textbox', { name: 'Title' }).inputValue(),
      version: await next.page.locator('#chip-version').innerText(),
      history: await next.page.locator('.history-what').allInnerTexts(),
      installed: await installed(),
    };
    await closeBrowser(next.browser);
    expect({ offered, shownNotes, facts, ready, after }).toEqual({
      offered: {
        headline: 'Notes 1.1.0 is available',
        detail: '4 MB to download.',
        actions: ['Download', 'Later', 'Skip'],
        chip: 'Notes 1.0.0: 1.1.0 available',
      },
      shownNotes:
        '<h4>Calmer and quicker</h4><ul><li><strong>Search</strong> looks through whole notes now</li>' +
        '<li>&lt;b onclick="x()"&gt;Bold&lt;/b&gt; link</li></ul>',
      facts: ['Received', 'Speed', 'Time left', 'Saved'],
      ready: {
        headline: 'Notes 1.1.0 is ready',
        detail: 'It is installed when you quit, or restart now.',
        actions: ['Restart now'],
        chip: 'Notes 1.0.0: Restart to update',
      },
      after: {
        title: 'Written before the update',
        version: 'Notes 1.1.0',
        history: ['Updated to 1.1.0', 'Installed 1.0.0'],
        installed: '1.1.0',
      },
    });
  });

  it('looks for updates from the menu', async () => {
    const { app, page } = await start();
    const label = async (): Promise<string> =>
      app.evaluate(({ Menu }) => {
        const help = Menu.getApplicationMenu()?.items.find((item) => item.label === 'Help' || item.label === 'Notes');
        return help?.submenu?.items.map((item) => item.label).find((text) => /update|download/i.test(text)) ?? '';
      });
    const before = await label();
    await app.evaluate(({ Menu }, wanted) => {
      const items = Menu.getApplicationMenu()?.items.flatMap((item) => item.submenu?.items ?? []);
      items?.find((item) => item.label === wanted)?.click();
    }, before);
    await untilHeadline(page, 'Notes 1.1.0 is available');
    expect([before, await label()]).toEqual(['Check for Updates…', 'Download 1.1.0']);
  });

  it('pauses and goes on, cancels and begins again', async () => {
    const { page } = await start();
    await press(page, 'Check for updates');
    await untilHeadline(page, 'Notes 1.1.0 is available');
    rig.network.hold(1_000_000);
    await press(page, 'Download');
    await press(page, 'Pause');
    await untilHeadline(page, 'Download paused');
    const paused = await readPanel(page);
    await press(page, 'Resume');
    await untilHeadline(page, 'Downloading Notes 1.1.0');
    await press(page, 'Cancel');
    await untilHeadline(page, 'Notes 1.1.0 is available');
    rig.network.letGo();
    await press(page, 'Download');
    await untilHeadline(page, 'Notes 1.1.0 is ready');
    expect([paused, await installed()]).toEqual([
      {
        headline: 'Download paused',
        detail: 'What has arrived is kept.',
        actions: ['Resume', 'Cancel'],
        chip: 'Notes 1.0.0: Download paused',
      },
      '1.0.0',
    ]);
  });

  it('switches to the beta and back', async () => {
    const { page } = await start();
    await page.getByRole('radio', { name: 'Beta' }).check({ force: true });
    await untilHeadline(page, 'Notes 1.2.0-beta.1 is available');
    const hint = await page.locator('#channel-hint').innerText();
    await page.getByRole('radio', { name: 'Stable' }).check({ force: true });
    await untilHeadline(page, 'Notes 1.1.0 is available');
    expect([hint, await page.locator('#channel-hint').innerText()]).toEqual([
      'The next release, a few weeks early.',
      'Tested releases. For everyday use.',
    ]);
  });

  it('says calmly that it is offline, and works again when it is not', async () => {
    const { page } = await start();
    await rig.network.goDown();
    await press(page, 'Check for updates');
    await untilHeadline(page, 'The update server can not be reached');
    const offline = await readPanel(page);
    await rig.network.goUp();
    await press(page, 'Check for updates');
    await untilHeadline(page, 'Notes 1.1.0 is available');
    expect(offline).toEqual({
      headline: 'The update server can not be reached',
      detail: expect.stringContaining('Check the connection'),
      actions: ['Check for updates'],
      chip: 'Notes 1.0.0: Can not check',
    });
  });

  it('refuses a tampered update, and says so calmly', async () => {
    const { page } = await start();
    const before = await sha256();
    await press(page, 'Check for updates');
    await untilHeadline(page, 'Notes 1.1.0 is available');
    rig.network.tampering = true;
    await press(page, 'Download');
    await untilHeadline(page, 'An update was refused');
    expect([await readPanel(page), await sha256()]).toEqual([
      {
        headline: 'An update was refused',
        detail: expect.stringContaining('Nothing was installed.'),
        actions: ['Download', 'Later', 'Skip'],
        chip: 'Notes 1.0.0: Update refused',
      },
      before,
    ]);
  });

  it('installs what is staged when it is quit', async () => {
    const { app, page } = await start();
    await press(page, 'Check for updates');
    await press(page, 'Download');
    await untilHeadline(page, 'Notes 1.1.0 is ready');
    const ended = once(app.process(), 'close');
    await app.evaluate(({ app }) => app.quit()).catch(() => undefined);
    await ended;
    running = await launch(home);
    expect([await installed(), await running.page.locator('#chip-version').innerText()]).toEqual([
      '1.1.0',
      'Notes 1.1.0',
    ]);
  });

  it('comes back to the version before when the new one does not start, and says so', async () => {
    await rig.publish({ version: '1.3.0', broken: true });
    const { app, page } = await start();
    await press(page, 'Check for updates');
    await press(page, 'Download');
    await untilHeadline(page, 'Notes 1.3.0 is ready');
    await forgetDevTools(home);
    const ended = once(app.process(), 'close');
    await press(page, 'Restart now');
    const next = await relaunched(home);
    await ended;
    running = undefined;
    await openPanel(next.page);
    await untilHeadline(next.page, 'Back on Notes 1.0.0');
    const after = [await readPanel(next.page), await installed()];
    await rig.world.change('1.3.0', { withdrawn: true });
    await closeBrowser(next.browser);
    expect(after).toEqual([
      {
        headline: 'Back on Notes 1.0.0',
        detail: expect.stringContaining('Your notes are untouched.'),
        actions: ['Check for updates'],
        chip: 'Notes 1.0.0: Previous version restored',
      },
      '1.0.0',
    ]);
  });
});
