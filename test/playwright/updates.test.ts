// @module-tag slow
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import type { InstalledApp } from '../../scripts/demo/installed-app.ts';
import { endsItself } from '../support/ends-itself.ts';
import { look } from './look.ts';
import {
  createNotesRig,
  forgetDevTools,
  installedVersion,
  launch,
  type NotesRig,
  relaunched,
  type RunningNotes,
  closeBrowser,
} from './notes-rig.ts';
import { openPanel, press, readChannels, readPanel, untilHeadline } from './panel.ts';
import { electronName, windows } from '../support/electron.ts';
import { requires } from '../support/requires.ts';

const notes =
  '# Calmer and quicker\n\n- **Search** looks through whole notes now\n- <b onclick="x()">Bold</b> [link](javascript:x)';

describe(`the windows of Notes, in ${electronName}`, requires(windows), () => {
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
  const installed = async (): Promise<string> => installedVersion(home);

  beforeAll(async () => {
    rig = await createNotesRig();
    await rig.publish({ version: '1.1.0' }, { policy: { notes: { en: notes } } });
    await rig.publish({ version: '1.2.0-beta.1' }, { channel: 'beta' });
  });
  afterEach(async () => {
    rig.network.letGo();
    await running?.app.close();
    running = undefined;
  });
  afterAll(async () => rig?.close());

  it('updates itself, shows the progress, and keeps the user’s notes', async () => {
    const { app, page } = await start();
    await page.getByRole('textbox', { name: 'Title' }).fill('Written before the update');
    rig.network.hold(1_000_000);
    await press(page, 'Check for updates');
    await untilHeadline(page, 'Notes 1.1.0 is available');
    const offered = await readPanel(page);
    const violations = [...(await look(page, 'flow-available'))];
    const shownNotes = await page.getByRole('region', { name: 'What is new in 1.1.0' }).innerHTML();
    await press(page, 'Download');
    await untilHeadline(page, 'Downloading Notes 1.1.0');
    const bar = page.getByRole('progressbar');
    await expect.poll(async () => bar.getAttribute('value').then(Number)).toBeGreaterThan(0);
    const facts = await page.locator('#progress dt').allInnerTexts();
    violations.push(...(await look(page, 'flow-downloading')));
    rig.network.letGo();
    await untilHeadline(page, 'Notes 1.1.0 is ready');
    const ready = await readPanel(page);
    violations.push(...(await look(page, 'flow-staged')));
    await forgetDevTools(home);
    const ended = once(app.process(), 'exit');
    await endsItself(press(page, 'Restart now'));
    const next = await relaunched(home);
    await ended;
    running = undefined;
    await openPanel(next.page);
    await next.page.getByText('Updated to 1.1.0').waitFor();
    violations.push(...(await look(next.page, 'flow-updated')));
    const after = {
      title: await next.page.getByRole('textbox', { name: 'Title' }).inputValue(),
      version: await next.page.locator('#chip-version').innerText(),
      history: await next.page.locator('.history-what').allInnerTexts(),
      installed: await installed(),
    };
    await closeBrowser(next.browser);
    expect({ offered, shownNotes, facts, ready, after, violations }).toEqual({
      violations: [],
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
        actions: ['Restart now', 'Check for updates'],
        chip: 'Notes 1.0.0: Restart to update',
      },
      after: {
        title: 'Written before the update',
        version: 'Notes 1.1.0',
        history: ['Updated to 1.1.0'],
        installed: '1.1.0',
      },
    });
  });

  it('checks for updates from the menu', async () => {
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
    expect({ before, after: await label(), violations: await look(page, 'flow-menu') }).toEqual({
      before: 'Check for Updates…',
      after: 'Download 1.1.0',
      violations: [],
    });
  });

  it('pauses and resumes, cancels and starts again', async () => {
    const { page } = await start();
    await press(page, 'Check for updates');
    await untilHeadline(page, 'Notes 1.1.0 is available');
    rig.network.hold(1_000_000);
    await press(page, 'Download');
    await press(page, 'Pause');
    await untilHeadline(page, 'Download paused');
    const paused = await readPanel(page);
    const violations = await look(page, 'flow-paused');
    await press(page, 'Resume');
    await untilHeadline(page, 'Downloading Notes 1.1.0');
    await press(page, 'Cancel');
    await untilHeadline(page, 'Notes 1.1.0 is available');
    rig.network.letGo();
    await press(page, 'Download');
    await untilHeadline(page, 'Notes 1.1.0 is ready');
    expect({ paused, installed: await installed(), violations }).toEqual({
      paused: {
        headline: 'Download paused',
        detail: 'What has arrived is kept.',
        actions: ['Resume', 'Cancel'],
        chip: 'Notes 1.0.0: Download paused',
      },
      installed: '1.0.0',
      violations: [],
    });
  });

  it('shows a preview of the beta before it switches, and switches back', async () => {
    const { page } = await start();
    const said: unknown[] = [];
    for (const [channel, offered, current] of [
      ['Beta', '1.2.0-beta.1', 'Stable'],
      ['Stable', '1.1.0', 'Beta'],
    ] as const) {
      await page.getByRole('radio', { name: channel }).check({ force: true });
      await page.getByText(`${channel} offers ${offered}`).waitFor();
      said.push(await readChannels(page), await look(page, `flow-preview-${channel.toLowerCase()}`));
      await press(page, `Stay on ${current}`);
      said.push(await page.getByRole('radio', { name: current }).isChecked());
      await page.getByRole('radio', { name: channel }).check({ force: true });
      await press(page, `Switch to ${channel}`);
      await untilHeadline(page, `Notes ${offered} is available`);
      said.push(await readChannels(page));
    }
    expect(said).toEqual([
      { text: 'Beta offers 1.2.0-beta.1. You have 1.0.0.', actions: ['Switch to Beta', 'Stay on Stable'] },
      [],
      true,
      { text: 'The next release, a few weeks early.', actions: [] },
      { text: 'Stable offers 1.1.0. You have 1.0.0.', actions: ['Switch to Stable', 'Stay on Beta'] },
      [],
      true,
      { text: 'Tested releases. For everyday use.', actions: [] },
    ]);
  });

  it('goes back to an older version only after the main process has asked', async () => {
    const { app, page } = await start('1.2.0-beta.1');
    /** Answers the main process's message boxes with the button of this label, and records their texts. */
    const answerWith = async (label: string): Promise<void> =>
      app.evaluate(({ dialog }, label) => {
        const boxes: object[] = [];
        const showMessageBox = async (...args: unknown[]): Promise<object> => {
          const { message, buttons = [], defaultId = 0 } = args.at(-1) as Electron.MessageBoxOptions;
          boxes.push({ message, buttons, enter: buttons[defaultId] });
          return Promise.resolve({ response: buttons.indexOf(label), checkboxChecked: false });
        };
        Object.assign(dialog, { showMessageBox });
        Object.assign(globalThis, { boxes });
      }, label);
    await page.getByRole('radio', { name: 'Beta' }).check({ force: true });
    await press(page, 'Switch to Beta');
    await untilHeadline(page, 'Notes is up to date');
    const lookBack = async (): Promise<void> => {
      await page.getByRole('radio', { name: 'Stable' }).check({ force: true });
      await page.getByText('Stable offers 1.1.0, which is older').waitFor();
    };
    await lookBack();
    const offered = await readChannels(page);
    const violations = [...(await look(page, 'flow-preview-older'))];
    await answerWith('Cancel');
    await press(page, 'Go back to 1.1.0…');
    await expect.poll(async () => app.evaluate(() => (globalThis as { boxes?: object[] }).boxes)).toHaveLength(1);
    const declined = [await readPanel(page), await page.getByRole('radio', { name: 'Beta' }).isChecked()];
    const asked = await app.evaluate(() => (globalThis as { boxes?: object[] }).boxes);
    await answerWith('Go Back');
    await lookBack();
    await press(page, 'Go back to 1.1.0…');
    await untilHeadline(page, 'Go back to Notes 1.1.0');
    const agreed = await readPanel(page);
    violations.push(...(await look(page, 'flow-go-back')));
    await press(page, 'Download');
    await untilHeadline(page, 'Notes 1.1.0 is ready');
    const ended = once(app.process(), 'exit');
    await app.evaluate(({ app }) => app.quit()).catch(() => undefined);
    await ended;
    running = undefined;
    expect({ offered, asked, declined, agreed, installed: await installed(), violations }).toEqual({
      offered: {
        text: 'Stable offers 1.1.0, which is older than your 1.2.0-beta.1. Keep what you have until Stable is newer, or go back now.',
        actions: ['Switch and wait', 'Go back to 1.1.0…', 'Stay on Beta'],
      },
      asked: [{ message: 'Switch to stable and go back to 1.1.0?', buttons: ['Go Back', 'Cancel'], enter: 'Cancel' }],
      declined: [expect.objectContaining({ headline: 'Notes is up to date' }), true],
      agreed: {
        headline: 'Go back to Notes 1.1.0',
        detail: 'It is older than what you have, as you asked for. 4 MB to download.',
        actions: ['Download', 'Later', 'Skip'],
        chip: 'Notes 1.2.0-beta.1: Back to 1.1.0',
      },
      installed: '1.1.0',
      violations: [],
    });
  });

  it('installs a staged update when it quits', async () => {
    const { app, page } = await start();
    await press(page, 'Check for updates');
    await press(page, 'Download');
    await untilHeadline(page, 'Notes 1.1.0 is ready');
    const ended = once(app.process(), 'exit');
    await app.evaluate(({ app }) => app.quit()).catch(() => undefined);
    await ended;
    running = await launch(home);
    await openPanel(running.page);
    await running.page.getByText('Updated to 1.1.0').waitFor();
    const version = await running.page.locator('#chip-version').innerText();
    expect({ installed: await installed(), version, violations: await look(running.page, 'flow-after-quit') }).toEqual({
      installed: '1.1.0',
      version: 'Notes 1.1.0',
      violations: [],
    });
  });

  it('returns to the previous version if the new one does not start, and reports that', async () => {
    await rig.publish({ version: '1.3.0', broken: true });
    const { app, page } = await start();
    await press(page, 'Check for updates');
    await press(page, 'Download');
    await untilHeadline(page, 'Notes 1.3.0 is ready');
    await forgetDevTools(home);
    const ended = once(app.process(), 'exit');
    await endsItself(press(page, 'Restart now'));
    const next = await relaunched(home);
    await ended;
    running = undefined;
    await openPanel(next.page);
    await untilHeadline(next.page, 'Back on Notes 1.0.0');
    await next.page.getByText('Back on 1.0.0', { exact: true }).waitFor();
    const after = [await readPanel(next.page), await installed(), await look(next.page, 'flow-rolled-back')];
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
      [],
    ]);
  });
});
