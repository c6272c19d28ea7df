import { mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { AxeResults } from 'axe-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { ipcStateChannel, type UpdatesApi } from '../../src/shared/ipc.ts';
import type { UpdateState } from '../../src/shared/state.ts';
import { createNotesRig, launch, type NotesRig, type RunningNotes } from './notes-rig.ts';
import { openPanel } from './panel.ts';
import { canShowWindows, shellName } from './windows.ts';

declare const updates: UpdatesApi;
declare const axe: { run(): Promise<AxeResults> };

/** Pictures of every state, for review: not compared, but looked at. */
const pictures = join(import.meta.dirname, '../../test-results/looks');

describe.skipIf(!canShowWindows)(`how Notes looks, in ${shellName}`, () => {
  let rig: NotesRig;
  let running: RunningNotes;

  beforeAll(async () => {
    await mkdir(pictures, { recursive: true });
    rig = await createNotesRig();
    running = await launch(await rig.install('1.0.0'));
    const source = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
    await running.page.evaluate(source);
    await running.page.emulateMedia({ reducedMotion: 'reduce' });
    await openPanel(running.page);
  });
  afterAll(async () => {
    await running?.app.close();
    await rig?.close();
  });

  const tell = async (state: UpdateState): Promise<void> => {
    const message = { channel: ipcStateChannel, state };
    await running.app.evaluate(({ BrowserWindow }, { channel, state }) => {
      BrowserWindow.getAllWindows()[0]?.webContents.send(channel, state);
    }, message);
    await running.page.waitForFunction((text) => JSON.stringify(updates.getSnapshot()) === text, JSON.stringify(state));
  };

  it.each(Object.entries(statesToShow()))('is accessible when it is %s, in light and dark', async (name, state) => {
    const { page } = running;
    await tell(state);
    const violations: unknown[] = [];
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      const results = await page.evaluate(async () => axe.run());
      violations.push(...results.violations.map(({ id, nodes }) => [colorScheme, id, nodes.map(({ html }) => html)]));
      await page.screenshot({ path: join(pictures, `${name}-${colorScheme}.png`) });
    }
    expect(violations).toEqual([]);
  });

  it('opens and closes its panel by keyboard, and gives the focus back', async () => {
    const { page } = running;
    const focused = async (): Promise<string> => page.evaluate<string>('document.activeElement?.id');
    await page.keyboard.press('Escape');
    const closed = [await focused(), await page.locator('#updates').isVisible()];
    await page.keyboard.press('Enter');
    const opened = [await focused(), await page.locator('#updates').isVisible()];
    expect([closed, opened]).toEqual([
      ['update-chip', false],
      ['close-updates', true],
    ]);
  });

  it('leaves its page neither by a link nor by a new window, and asks for no permission', async () => {
    const { app, page } = running;
    const before = page.url();
    await page.evaluate(`
      for (const target of ['_self', '_blank']) {
        const link = Object.assign(document.createElement('a'), { href: 'https://example.org/', target, id: target });
        link.textContent = 'away';
        document.querySelector('.seal').append(link);
      }`);
    await page.locator('#_self').click({ noWaitAfter: true });
    await page.locator('#_blank').click({ noWaitAfter: true });
    const markup = await page
      .evaluate('document.body.innerHTML = "<p>markup</p>"')
      .catch((error: Error) => error.message);
    const permission = await page.evaluate('Notification.requestPermission()');
    await expect.poll(async () => app.windows().length).toBe(1);
    const windows = await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length);
    expect({ same: page.url() === before, markup, permission, windows }).toEqual({
      same: true,
      markup: expect.stringContaining("requires 'TrustedHTML'"),
      permission: 'denied',
      windows: 1,
    });
  });
});

function statesToShow(): Readonly<Record<string, UpdateState>> {
  const release = {
    version: '1.1.0',
    channel: 'stable',
    releasedAt: '2026-11-24T09:00:00Z',
    critical: false,
    notes: {
      en: `# Calmer and quicker

- **Search** looks through whole notes now
- Typing in long notes is *twice as fast*
- Press \`Ctrl N\` for a new note

## Repaired

- The list no longer jumps while you write`,
    },
  };
  const progress = {
    phase: 'download',
    received: 31_400_000,
    total: 84_900_000,
    saved: 22_700_000,
    bytesPerSecond: 6_830_000,
    etaSeconds: 8,
  } as const;
  const lastCheck = new Date().toISOString();
  return {
    'up-to-date': { type: 'idle', lastCheck },
    checking: { type: 'checking' },
    available: { type: 'available', release, downloadSize: 9_300_000, fullSize: 84_900_000 },
    downloading: { type: 'downloading', release, progress },
    paused: { type: 'paused', release, progress, reason: 'user' },
    verifying: { type: 'verifying', release },
    staged: { type: 'staged', release, installAt: 'quit' },
    installing: { type: 'installing', release },
    offline: {
      type: 'idle',
      lastCheck,
      lastError: {
        code: 'TRUST_OFFLINE',
        phase: 'trust',
        retriable: true,
        message: 'The update repository can not be reached. Check the network and try again.',
      },
    },
    refused: {
      type: 'idle',
      lastCheck,
      lastError: {
        code: 'DOWNLOAD_MISMATCH',
        phase: 'download',
        retriable: true,
        message: 'What was received is not what the publisher signed.',
      },
    },
    stale: { type: 'stale', since: '2026-11-14T09:00:00Z' },
    'in-need-of-attention': {
      type: 'needs-attention',
      release,
      what: 'Notes can not be replaced where it is',
      how: 'Move it to a folder of your own, such as ~/Applications, and start it from there.',
      error: { code: 'INSTALL_READ_ONLY', phase: 'install', retriable: true, message: 'The AppImage is read-only.' },
    },
    'rolled-back': {
      type: 'rolled-back',
      from: '1.1.0',
      to: '1.0.0',
      reason: 'It ended before it had shown a window.',
    },
    disabled: { type: 'disabled', reason: 'managed-by-store', message: 'This app is updated by Flatpak.' },
  };
}
