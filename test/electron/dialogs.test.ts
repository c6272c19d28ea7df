import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { confirmDowngrade } from '../../src/main/electron/dialogs/downgrade.ts';
import type { DialogOptions } from '../../src/main/electron/dialogs/message-box.ts';
import { standardDialogs, type StandardDialogs } from '../../src/main/electron/dialogs/standard.ts';
import { UpdateError } from '../../src/shared/errors.ts';
import type { UpdateState } from '../../src/shared/state.ts';
import { type FakeElectron, fakeElectron } from '../support/fake-electron.ts';
import { progressAt, release, type ScriptedUpdater, scriptedUpdater } from '../support/scripted-updater.ts';
import { attentionState, disabledState } from '../support/states.ts';

interface Box {
  readonly message: string;
  readonly detail: string;
  readonly buttons: readonly string[];
  readonly defaultId: number;
  readonly cancelId: number;
  readonly noLink: boolean;
  readonly signal: AbortSignal;
}

/** Electron is a fake. It shows its message boxes to the test, which answers with the label of a button. */
let electron: FakeElectron;
let boxes: Box[];
let answer: (label: string) => void;
vi.mock('electron', () => ({
  get app() {
    return electron.app;
  },
  get BaseWindow() {
    return electron.BrowserWindow;
  },
  dialog: {
    async showMessageBox(...args: unknown[]) {
      const box = args.at(-1) as Box;
      boxes.push(box);
      return new Promise((resolve) => {
        const close = (response: number): void => resolve({ response, checkboxChecked: false });
        answer = (label) => close(box.buttons.indexOf(label));
        box.signal.addEventListener('abort', () => close(box.cancelId));
      });
    },
  },
}));

let updater: ScriptedUpdater;
let dialogs: StandardDialogs;
beforeEach(() => {
  electron = fakeElectron();
  electron.app.getPreferredSystemLanguages = () => ['en-GB'];
  boxes = [];
  updater = scriptedUpdater();
  vi.spyOn(Date, 'now').mockReturnValue(Date.parse('2026-12-01T12:00:00Z'));
});
afterEach(() => {
  dialogs.close();
  vi.restoreAllMocks();
});

const available: UpdateState = { type: 'available', release, downloadSize: 12_345_678, fullSize: 150_000_000 };
const staged: UpdateState = { type: 'staged', release, installAt: 'quit' };
const error = {
  code: 'TRUST_PUBLISHER_UNSIGNED',
  phase: 'trust',
  message: 'x',
  retriable: true,
  reason: 'untrusted',
} as const;
const messages = (): readonly string[] => boxes.map(({ message }) => message);
const says = async (count: number): Promise<void> => expect.poll(() => boxes.length).toBe(count);
/** Waits until everything that needs no person has happened. */
const settled = async (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
function open(options: DialogOptions = {}): void {
  dialogs = standardDialogs(updater, options);
}

describe('standardDialogs', () => {
  it('lead from an offer to a restart', async () => {
    open();
    updater.on('download', () => updater.say(staged));
    updater.say(available);
    await says(1);
    answer('Download');
    await says(2);
    answer('Restart');
    await settled();
    expect({
      boxes: boxes.map(({ message, detail, buttons }) => [message, detail, buttons]),
      calls: updater.calls,
    }).toEqual({
      boxes: [
        [
          'Notes 1.1.0 is available.',
          'You have 1.0.0. The download is 12 MB.\n\nNew: tags',
          ['Download', 'Skip This Version', 'Later'],
        ],
        [
          'Notes 1.1.0 is ready.',
          'Restart now to use it, or it is installed when you quit.',
          ['Restart', 'When I Quit'],
        ],
      ],
      calls: [['download'], ['install', 'now']],
    });
  });

  it('use the user’s language, also for the notes, and the texts that the app replaces', async () => {
    open({ language: 'de', strings: { skip: 'Nein danke' } });
    updater.say(available);
    await says(1);
    answer('Nein danke');
    await settled();
    const { message, detail, buttons } = boxes[0] ?? {};
    expect({ message, detail, buttons, calls: updater.calls }).toEqual({
      message: 'Notes 1.1.0 ist verfügbar.',
      detail: 'Sie haben 1.0.0. Der Download umfasst 12 MB.\n\nNeu: Schlagwörter',
      buttons: ['Herunterladen', 'Nein danke', 'Später'],
      calls: [['skip']],
    });
  });

  it('explain an obstacle in the user’s language', async () => {
    open({ language: 'de' });
    const explanation = {
      reason: 'other-owner',
      remedy: 'copy-app',
      params: { path: '/n', command: 'cp /n' },
    } as const;
    updater.say(attentionState(explanation, error));
    await says(1);
    expect(boxes[0]).toMatchObject({
      message: 'Für das Update wird Ihre Hilfe gebraucht.',
      detail:
        'Die App unter /n gehört einem anderen Benutzer.\n\nKopieren Sie sie in einen eigenen Ordner und starten Sie sie dort: cp /n',
    });
  });

  it('announce a version once, and again to a user who asks', async () => {
    open();
    updater.say(available);
    await says(1);
    answer('Later');
    await settled();
    updater.say({ type: 'checking' });
    updater.say(available);
    await settled();
    const once = boxes.length;
    const check = dialogs.check();
    await says(2);
    answer('Later');
    await check;
    expect({ once, calls: updater.calls }).toEqual({
      once: 1,
      calls: [['remindLater', undefined], ['check'], ['remindLater', undefined]],
    });
  });

  it('do not ask about a deferred release, or after an automatic download has started', async () => {
    open();
    updater.say({ ...available, deferred: { reason: 'remind-later' } });
    await settled();
    updater.say(available);
    updater.say({ type: 'downloading', release, progress: progressAt(1) });
    await settled();
    expect(messages()).toEqual([]);
  });

  it.each<[string, UpdateState, string, string]>([
    ['all is well', { type: 'idle' }, 'Notes is up to date.', 'You have 1.0.0, the newest version.'],
    [
      'the server is evil',
      { type: 'idle', lastError: error },
      'The update did not work out. Notes keeps working as it is.',
      'What the server offered is not what the publisher signed, so it was refused. Nothing was changed. Please try again later.\n\nTRUST_PUBLISHER_UNSIGNED',
    ],
    [
      'nothing fresh comes',
      { type: 'stale', since: '2026-11-22T10:00:00Z' },
      'Notes may not be up to date.',
      'There has been no fresh news from the update server for 9 days, since 22 November 2026.',
    ],
    [
      'updates are off',
      disabledState('managed-by-store', { reason: 'managed-by-store', params: { store: 'Flatpak' } }),
      'Updates are off.',
      'Flatpak keeps this app up to date.',
    ],
  ])('show only to a user who asks that %s', async (_what, state, message, detail) => {
    open();
    updater.say(state);
    await settled();
    const byItself = boxes.length;
    const check = dialogs.check();
    await says(1);
    expect({ byItself, message: boxes[0]?.message, detail: boxes[0]?.detail }).toEqual({
      byItself: 0,
      message: message,
      detail: detail,
    });
    answer(boxes[0]?.buttons.at(-1) ?? '');
    await check;
    expect(updater.calls).toEqual([['check']]);
  });

  it('try again on request, and show the outcome', async () => {
    open();
    updater.say({ type: 'idle', lastError: { ...error, code: 'TRUST_OFFLINE' } });
    const check = dialogs.check();
    await says(1);
    updater.on('check', () => updater.say({ type: 'idle' }));
    answer('Try Again');
    await says(2);
    answer('OK');
    await check;
    expect(messages()).toEqual(['The update did not work out. Notes keeps working as it is.', 'Notes is up to date.']);
  });

  it('show a needed action and a rollback without being asked', async () => {
    open();
    updater.say(
      attentionState(
        { reason: 'permission-refused', remedy: 'run-as-administrator', params: { command: 'this' } },
        error,
      ),
    );
    await says(1);
    updater.on('install', () => updater.say({ type: 'staged', release, installAt: 'now', lastError: error }));
    answer('Try Again');
    await says(2);
    answer('Close');
    await settled();
    updater.say({ type: 'rolled-back', from: '1.1.0', to: '1.0.0', reason: 'It crashed three times.' });
    await says(3);
    answer('OK');
    expect({ boxes: boxes.map(({ message, detail }) => `${message} ${detail}`), calls: updater.calls }).toEqual({
      boxes: [
        'The update needs your help. The permission to install was not given.\n\nTry again, or let an administrator run: this',
        expect.stringContaining('TRUST_PUBLISHER_UNSIGNED'),
        'Notes 1.1.0 did not start properly, so you have 1.0.0 again. You need not do anything: 1.1.0 will not be offered again.',
      ],
      calls: [['install', 'now']],
    });
  });

  it('close a question that was answered elsewhere, but not because a check is running', async () => {
    open();
    updater.say(available);
    await says(1);
    updater.say({ type: 'checking' });
    updater.say(available);
    const stillOpen = boxes[0]?.signal.aborted === false;
    updater.say({ type: 'downloading', release, progress: progressAt(1) });
    updater.say(staged);
    await says(2);
    answer('When I Quit');
    await settled();
    expect({ stillOpen, closed: boxes[0]?.signal.aborted, calls: updater.calls }).toEqual({
      stillOpen: true,
      closed: true,
      calls: [['install', 'quit']],
    });
  });

  it('show nothing if the state changed before the click', async () => {
    open();
    updater.on('download', () => {
      throw new UpdateError('MANAGER_WRONG_STATE', 'too late');
    });
    updater.say(available);
    await says(1);
    answer('Download');
    await settled();
    expect(messages()).toEqual(['Notes 1.1.0 is available.']);
  });

  it('do not offer to skip a critical release', async () => {
    open();
    updater.say({ ...available, release: { ...release, critical: true } });
    await says(1);
    expect({ message: boxes[0]?.message, buttons: boxes[0]?.buttons }).toEqual({
      message: 'Notes 1.1.0 is available. It is important: please install it soon.',
      buttons: ['Download', 'Later'],
    });
  });

  it('ask in the main process before a downgrade that a page requested', async () => {
    open();
    const preview = { channel: 'stable', needsConsent: true, release: { ...release, version: '0.9.0' } };
    const yes = dialogs.confirmDowngrade(preview);
    await says(1);
    answer('Go Back');
    const no = dialogs.confirmDowngrade(preview);
    await says(2);
    answer('Cancel');
    expect({ yes: await yes, no: await no, message: boxes[0]?.message }).toEqual({
      yes: true,
      no: false,
      message: 'Switch to stable and go back to 0.9.0?',
    });
  });

  it('ask the same without the other dialogs', async () => {
    open();
    const ask = confirmDowngrade(updater, { language: 'de' });
    const answered = ask({ channel: 'stable', needsConsent: true, release: { ...release, version: '0.9.0' } });
    await says(1);
    answer('Zurückkehren');
    expect({ answered: await answered, messages: messages() }).toEqual({
      answered: true,
      messages: ['Zum Kanal stable wechseln und zu 0.9.0 zurückkehren?'],
    });
  });

  it('let Enter choose the suggestion and Escape nothing, and never downgrade by Enter', async () => {
    open();
    updater.say(available);
    await says(1);
    answer('Later');
    await settled();
    updater.say(staged);
    await says(2);
    answer('When I Quit');
    await settled();
    void dialogs.confirmDowngrade({ channel: 'stable', needsConsent: true, release });
    await says(3);
    expect(
      boxes.map(({ buttons, defaultId, cancelId, noLink }) => [buttons[defaultId], buttons[cancelId], noLink]),
    ).toEqual([
      ['Download', 'Later', true],
      ['Restart', 'When I Quit', true],
      ['Cancel', 'Cancel', true],
    ]);
  });

  it.each<UpdateState>([
    disabledState('policy'),
    { type: 'idle' },
    { type: 'idle', lastError: error },
    { type: 'checking' },
    available,
    { ...available, lastError: error },
    staged,
    { ...staged, lastError: { ...error, code: 'INSTALL_VETOED' } },
    { type: 'stale', since: '2026-11-22T10:00:00Z' },
    attentionState({ reason: 'fixed-place', params: {} }, error),
    { type: 'rolled-back', from: '1.1.0', to: '1.0.0', reason: '' },
  ])('show no progress on dock and taskbar in the state %j', (state) => {
    const window = electron.open();
    open();
    updater.say({ type: 'verifying', release });
    updater.say(state);
    expect(window.progress.slice(-2)).toEqual([
      [2, { mode: 'indeterminate' }],
      [-1, { mode: 'none' }],
    ]);
  });

  it('show progress on every window, and remove it', () => {
    const window = electron.open();
    open();
    updater.say({ type: 'downloading', release, progress: progressAt(250) });
    updater.say({ type: 'paused', release, progress: progressAt(250), reason: 'user' });
    updater.say({ type: 'verifying', release });
    dialogs.close();
    updater.say({ type: 'downloading', release, progress: progressAt(500) });
    expect(window.progress).toEqual([
      [-1, { mode: 'none' }],
      [0.25, { mode: 'normal' }],
      [0.25, { mode: 'paused' }],
      [2, { mode: 'indeterminate' }],
      [-1, { mode: 'none' }],
    ]);
  });
});
