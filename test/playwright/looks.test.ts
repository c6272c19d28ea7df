// @module-tag slow
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type IpcCall, ipcCallChannel, ipcStateChannel, type UpdatesApi } from '../../src/shared/ipc.ts';
import type { UpdateState } from '../../src/shared/state.ts';
import { look } from './look.ts';
import { createNotesRig, launch, type NotesRig, type RunningNotes } from './notes-rig.ts';
import { openPanel, press } from './panel.ts';
import { historyToShow, previewsToShow, reportToShow, statesToShow } from './states.ts';
import { electronName, windows } from '../support/electron.ts';
import { requires } from '../support/requires.ts';

declare const updates: UpdatesApi;

describe(`how Notes looks, in ${electronName}`, requires(windows), () => {
  let rig: NotesRig;
  let running: RunningNotes;

  beforeAll(async () => {
    rig = await createNotesRig();
    running = await launch(await rig.install('1.0.0'));
    await answer({
      history: { history: historyToShow },
      diagnostics: { report: { ...reportToShow, heldBack: undefined } },
    });
    await openPanel(running.page);
  });
  afterAll(async () => {
    await running?.app.close();
    await rig?.close();
  });

  /** Sets the main process's answers to the page's calls. All other calls succeed. */
  async function answer(answers: Partial<Record<IpcCall['method'], object>>): Promise<void> {
    await running.app.evaluate(
      ({ ipcMain }, { channel, answers }) => {
        const info = { contract: 1, version: '1.0.0', channel: 'stable', channels: ['stable', 'beta'] };
        ipcMain.removeHandler(channel);
        ipcMain.handle(channel, (_event, { method }: IpcCall) => ({
          ok: true,
          ...info,
          state: { type: 'idle' },
          ...answers[method],
        }));
      },
      { channel: ipcCallChannel, answers },
    );
  }
  async function tell(state: UpdateState): Promise<void> {
    const message = { channel: ipcStateChannel, state };
    await running.app.evaluate(({ BrowserWindow }, { channel, state }) => {
      BrowserWindow.getAllWindows()[0]?.webContents.send(channel, state);
    }, message);
    await running.page.waitForFunction((text) => JSON.stringify(updates.getSnapshot()) === text, JSON.stringify(state));
  }
  /** Returns what extends beyond the right or left edge of the window. */
  const tooWide = async (): Promise<unknown> =>
    running.page.evaluate(`[...document.querySelectorAll('body *')]
      .filter((found) => !found.closest('.note-list') && found.checkVisibility())
      .filter((found) => found.getBoundingClientRect().right > innerWidth + 0.5 || found.getBoundingClientRect().left < -0.5)
      .map((found) => found.id || found.className)`);

  it.each(Object.entries(statesToShow))('is accessible in the state %s, in light and dark', async (name, state) => {
    await tell(state);
    expect(await look(running.page, name)).toEqual([]);
  });

  it('explains why a newer version is not offered yet', async () => {
    await answer({ history: { history: [] }, diagnostics: { report: reportToShow } });
    await tell({ type: 'checking' });
    await tell({ type: 'idle', lastCheck: new Date().toISOString() });
    await running.page.locator('#note').waitFor();
    expect({
      violations: await look(running.page, 'held-back'),
      note: await running.page.locator('#note').innerText(),
    }).toEqual({
      violations: [],
      note: 'Notes 1.1.0 is on its way: it reaches everybody step by step, and will be here soon.',
    });
  });

  it.each(Object.entries(previewsToShow))('shows a preview of the beta: %s', async (name, found) => {
    const { page } = running;
    await answer({ previewChannel: 'code' in found ? { ok: false, error: found } : { preview: found } });
    await page.getByRole('radio', { name: 'Beta' }).check({ force: true });
    await page.locator('#channel-actions button').nth(1).waitFor();
    const violations = await look(running.page, `beta-${name}`);
    await press(page, 'Stay on Stable');
    expect({ violations, isStable: await page.getByRole('radio', { name: 'Stable' }).isChecked() }).toEqual({
      violations: [],
      isStable: true,
    });
  });

  it('shows the report that it copies', async () => {
    const { page } = running;
    await answer({ diagnostics: { report: reportToShow } });
    await press(page, 'Copy report for support');
    await page.locator('#report').waitFor();
    await page.locator('#report').scrollIntoViewIfNeeded();
    const violations = await look(running.page, 'report');
    expect({ violations, hint: await page.locator('#support-hint').innerText() }).toEqual({
      violations: [],
      hint: expect.stringMatching(/^(Copied|It is selected)/),
    });
  });

  it.each([
    ['narrow', 360, 640, 'ltr'],
    ['narrow-rtl', 360, 640, 'rtl'],
    ['zoomed', 560, 336, 'ltr'],
    ['wide-rtl', 1120, 673, 'rtl'],
  ] as const)('fits a window that is %s: %d by %d, %s', async (name, width, height, dir) => {
    const { page } = running;
    await page.setViewportSize({ width, height });
    await page.evaluate(`document.documentElement.dir = '${dir}'`);
    await tell(statesToShow['endless'] ?? { type: 'checking' });
    const opened = [await look(running.page, `${name}-panel`), await tooWide()];
    await page.keyboard.press('Escape');
    const closed = [await look(running.page, name), await tooWide()];
    await page.locator('#update-chip').click();
    await page.setViewportSize({ width: 1120, height: 673 });
    await page.evaluate(`document.documentElement.dir = 'ltr'`);
    expect({ opened, closed }).toEqual({ opened: [[], []], closed: [[], []] });
  });

  it('opens and closes its panel by keyboard, and restores the focus', async () => {
    const { page } = running;
    const focused = async (): Promise<string> => page.evaluate<string>('document.activeElement?.id');
    await page.locator('#close-updates').focus();
    await page.keyboard.press('Escape');
    const closed = [await focused(), await page.locator('#updates').isVisible()];
    await page.keyboard.press('Enter');
    const opened = [await focused(), await page.locator('#updates').isVisible()];
    expect({ closed, opened }).toEqual({ closed: ['update-chip', false], opened: ['close-updates', true] });
  });

  it('shows a text if there are no notes', async () => {
    const { page } = running;
    while (await page.locator('#delete-note').isVisible()) await page.locator('#delete-note').click();
    const violations = await look(running.page, 'no-notes');
    const words = await page.locator('#no-notes, #no-match').allInnerTexts();
    await page.getByRole('button', { name: 'New note' }).click();
    expect({ violations, words, isNoteVisible: await page.locator('#note-title').isVisible() }).toEqual({
      violations: [],
      words: ['No notes yet. The plus above begins one.', 'Nothing written yet.'],
      isNoteVisible: true,
    });
  });
});
