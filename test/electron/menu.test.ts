import type { MenuItem } from 'electron';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { updateMenuItem } from '../../src/main/electron/menu.ts';
import type { UpdateState } from '../../src/shared/state.ts';
import { Menu, type MenuItem as FakeItem } from '../support/fake-menu.ts';
import { progressAt, release, scriptedUpdater } from '../support/scripted-updater.ts';
import { attentionState, disabledState } from '../support/states.ts';

/** The menus are fakes. Nothing draws them, and the test clicks an item by calling its method. */
vi.mock('electron', async () => {
  const { Menu, MenuItem } = await import('../support/fake-menu.ts');
  return { Menu, MenuItem, app: { getPreferredSystemLanguages: () => languages } };
});
let languages = ['en-GB'];

const { electron: realVersion } = process.versions;
function pretend(version: string | undefined): void {
  Object.defineProperty(process.versions, 'electron', { value: version, configurable: true });
}
beforeEach(() => pretend('42.0.0'));
afterEach(() => pretend(realVersion));

const error = {
  code: 'INSTALL_READ_ONLY',
  phase: 'install',
  message: '',
  retriable: false,
  reason: 'permission',
} as const;
const states: readonly UpdateState[] = [
  { type: 'checking' },
  { type: 'available', release, downloadSize: 1, fullSize: 2 },
  { type: 'downloading', release, progress: progressAt(429) },
  { type: 'downloading', release, progress: progressAt(0, 0) },
  { type: 'paused', release, progress: progressAt(429), reason: 'user' },
  { type: 'verifying', release },
  { type: 'staged', release, installAt: 'quit' },
  { type: 'installing', release },
  attentionState({ reason: 'fixed-place', params: {} }, error),
  { type: 'stale', since: '2026-11-22T10:00:00Z' },
  { type: 'rolled-back', from: '1.1.0', to: '1.0.0', reason: '' },
  disabledState('development'),
];

/** Calls the fake's `click()`, which takes no event. Electron's own requires one. */
const click = (item: MenuItem): void => (item.click as () => void)();

it('shows the state, and a click does what the label says', () => {
  const updater = scriptedUpdater();
  const item = updateMenuItem(updater);
  const seen = [[item.label, item.enabled]];
  click(item);
  for (const state of states) {
    updater.say(state);
    seen.push([item.label, item.enabled]);
    click(item);
  }
  expect({ seen, calls: updater.calls }).toEqual({
    seen: [
      ['Check for Updates…', true],
      ['Checking for Updates…', false],
      ['Download 1.1.0', true],
      ['Downloading 42 %', true],
      ['Downloading 0 %', true],
      ['Download Paused at 42 %', true],
      ['Verifying…', false],
      ['Restart to Update', true],
      ['Installing…', false],
      ['Try to Update Again', true],
      ['Check for Updates…', true],
      ['Check for Updates…', true],
      ['Updates Are Off', false],
    ],
    calls: [
      ['check'],
      ['download'],
      ['cancel'],
      ['cancel'],
      ['cancel'],
      ['install', 'now'],
      ['install', 'now'],
      ['check'],
      ['check'],
    ],
  });
});

it.each(['33.2.1', '41.9.0'])(
  'does what the first label says in Electron %s, which draws a label only once',
  (version) => {
    pretend(version);
    const updater = scriptedUpdater();
    const item = updateMenuItem(updater);
    const seen = [item.label];
    const done: unknown[] = [];
    for (const state of states) {
      updater.say(state);
      seen.push(item.label);
      const before = updater.calls.length;
      click(item);
      done.push([state.type, item.enabled, updater.calls.slice(before).flat().join(' ')]);
    }
    expect({ labels: [...new Set(seen)], done }).toEqual({
      labels: ['Check for Updates…'],
      done: [
        ['checking', false, ''],
        ['available', true, 'check'],
        ['downloading', false, ''],
        ['downloading', false, ''],
        ['paused', false, ''],
        ['verifying', false, ''],
        ['staged', true, 'check'],
        ['installing', false, ''],
        ['needs-attention', true, 'check'],
        ['stale', true, 'check'],
        ['rolled-back', true, 'check'],
        ['disabled', false, ''],
      ],
    });
  },
);

it('does not restart by an old label if there is nothing to install', () => {
  pretend('41.0.0');
  const updater = scriptedUpdater();
  updater.say({ type: 'staged', release, installAt: 'quit' });
  const item = updateMenuItem(updater);
  click(item);
  updater.say({ type: 'idle' });
  click(item);
  expect({ label: item.label, enabled: item.enabled, calls: updater.calls }).toEqual({
    label: 'Restart to Update',
    enabled: false,
    calls: [['install', 'now']],
  });
});

it("uses the user's language, and the texts that the app replaces", () => {
  languages = ['is_IS.UTF-8', 'de_AT.UTF-8', 'en-GB'];
  const updater = scriptedUpdater();
  const item = updateMenuItem(updater, { strings: { menuRestart: 'Notes neu starten' } });
  const labels = [item.label];
  for (const type of ['checking', 'staged'] as const) {
    updater.say(type === 'checking' ? { type } : { type, release, installAt: 'quit' });
    labels.push(item.label);
  }
  languages = ['en-GB'];
  expect(labels).toEqual(['Nach Updates suchen …', 'Updates werden gesucht …', 'Notes neu starten']);
});

it('rebuilds the menu if labels are drawn only once, and does not change the old item', () => {
  const updater = scriptedUpdater();
  const rebuild = (): Electron.Menu =>
    new Menu([updateMenuItem(updater, { rebuild }) as unknown as FakeItem]) as unknown as Electron.Menu;
  Menu.setApplicationMenu(rebuild() as never);
  const first = Menu.getApplicationMenu();
  updater.say({ type: 'checking' });
  const second = Menu.getApplicationMenu();
  updater.say({ type: 'idle' });
  const third = Menu.getApplicationMenu();
  expect([first, second, third].map((menu) => menu?.items[0]?.label)).toEqual([
    'Checking for Updates…',
    'Check for Updates…',
    'Check for Updates…',
  ]);
  expect(new Set([first, second, third]).size).toBe(3);
});

it('uses the app’s own check, and survives a click that comes too late', async () => {
  const updater = scriptedUpdater();
  const warnings: string[] = [];
  const asked: string[] = [];
  const note = (): void => undefined;
  const logger = { info: note, debug: note, error: note, warn: (text: string) => void warnings.push(text) };
  const item = updateMenuItem(updater, { check: () => asked.push('dialog'), logger });
  click(item);
  updater.on('download', () => {
    throw new Error('too late');
  });
  updater.say({ type: 'available', release, downloadSize: 1, fullSize: 2 });
  click(item);
  await expect.poll(() => warnings).toEqual(['The update menu could not "download": too late']);
  expect({ asked, calls: updater.calls }).toEqual({ asked: ['dialog'], calls: [['download']] });
});
