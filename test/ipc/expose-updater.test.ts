import { EventEmitter } from 'node:events';

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { exposeUpdater, type ExposeOptions } from '../../src/main/electron/ipc/expose.ts';
import { ipcCallChannel, ipcStateChannel } from '../../src/shared/ipc.ts';
import { UpdateError } from '../../src/shared/errors.ts';
import { ipcMain, invoke, type IpcEvent } from '../support/fake-ipc-main.ts';
import { progressAt, release, type ScriptedUpdater, scriptedUpdater } from '../support/scripted-updater.ts';

/** Electron is a fake. Its windows are plain objects with the facts about a page. */
vi.mock('electron', async () => {
  const { ipcMain } = await import('../support/fake-ipc-main.ts');
  return {
    ipcMain,
    app: { getAppPath: () => import.meta.dirname },
    BrowserWindow: { fromWebContents: (contents: FakePage) => contents.window },
    BaseWindow: { getAllWindows: () => [] },
  };
});

class FakePage extends EventEmitter {
  readonly heard: unknown[] = [];
  window: { isDestroyed(): boolean } | null = { isDestroyed: () => this.destroyed };
  destroyed = false;
  type = 'window';
  readonly mainFrame = {
    url: new URL('page.html', import.meta.url).href,
    origin: 'file://',
    parent: null,
    detached: false,
  };
  isDestroyed = (): boolean => this.destroyed;
  getType = (): string => this.type;
  send(channel: string, state: unknown): void {
    if (channel === ipcStateChannel) this.heard.push(state);
  }
  async call(request: unknown, senderFrame: object | null = this.mainFrame): Promise<unknown> {
    const event = { type: 'frame', sender: this, senderFrame, frameId: 1, processId: 1 } as IpcEvent;
    const answer = structuredClone(await invoke(ipcCallChannel, event, [structuredClone(request)])) as Answer;
    return answer.ok ? answer : answer.error.code;
  }
}
type Answer = { ok: true } | { ok: false; error: { code: string; message: string } };

let updater: ScriptedUpdater;
let page: FakePage;
let stop: () => void = () => undefined;
beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
  updater = scriptedUpdater();
  page = new FakePage();
});
afterEach(() => {
  stop();
  vi.useRealTimers();
});
function expose(options?: ExposeOptions): void {
  stop();
  stop = exposeUpdater(updater, options);
}

const info = { ok: true, contract: 1, version: '1.0.0', channel: 'stable', channels: [], state: { type: 'idle' } };

describe('exposeUpdater', () => {
  it('performs calls and answers with data', async () => {
    expose({ channels: ['stable', 'beta'] });
    const answers = [
      await page.call({ method: 'info' }),
      await page.call({ method: 'check' }),
      await page.call({ method: 'install', at: 'quit' }),
      await page.call({ method: 'previewChannel', channel: 'beta' }),
      await page.call({ method: 'setChannel', channel: 'beta' }),
      await page.call({ method: 'history' }),
    ];
    const both = { ...info, channels: ['stable', 'beta'] };
    expect({ answers, calls: updater.calls }).toEqual({
      answers: [
        both,
        both,
        both,
        { ...both, preview: { channel: 'beta', needsConsent: false } },
        both,
        { ...both, history: [] },
      ],
      calls: [['check'], ['install', 'quit'], ['previewChannel', 'beta'], ['setChannel', 'beta'], ['history']],
    });
  });

  it('accepts only the main frame of an open window of the app, and tells others nothing', async () => {
    expose();
    const refused = {
      frame: await page.call({ method: 'check' }, { ...page.mainFrame, parent: page.mainFrame }),
      leaving: await page.call({ method: 'check' }, null),
      webview: await Object.assign(new FakePage(), { type: 'webview' }).call({ method: 'check' }),
      destroyed: await Object.assign(new FakePage(), { destroyed: true }).call({ method: 'check' }),
      windowless: await Object.assign(new FakePage(), { window: null }).call({ method: 'check' }),
    };
    page.mainFrame.url = 'https://evil.example/';
    page.mainFrame.origin = 'https://evil.example';
    const foreign = await page.call({ method: 'check' });
    updater.say({ type: 'checking' });
    const code = 'IPC_FORBIDDEN';
    expect({ ...refused, foreign, calls: updater.calls, heard: page.heard }).toEqual({
      frame: code,
      leaving: code,
      webview: code,
      destroyed: code,
      windowless: code,
      foreign: code,
      calls: [],
      heard: [],
    });
  });

  it('sends nothing to a window that navigated away or was closed', async () => {
    expose();
    const other = new FakePage();
    await page.call({ method: 'info' });
    await other.call({ method: 'info' });
    updater.say({ type: 'checking' });
    page.mainFrame.url = 'https://evil.example/';
    other.destroyed = true;
    updater.say({ type: 'idle' });
    expect({ page: page.heard, other: other.heard }).toEqual({
      page: [{ type: 'checking' }],
      other: [{ type: 'checking' }],
    });
  });

  it('lets no page choose a channel or a downgrade without consent of the app', async () => {
    const preview = { channel: 'beta', needsConsent: true, release };
    const asked: unknown[] = [];
    const attempt = async (options: ExposeOptions): Promise<unknown> => {
      expose(options);
      updater.calls.length = 0;
      updater.on('previewChannel', () => preview);
      const answer = await page.call({ method: 'setChannel', channel: 'beta', allowDowngrade: true });
      return [typeof answer === 'string' ? answer : 'ok', ...updater.calls.filter(([name]) => name === 'setChannel')];
    };
    const confirm = (answer: boolean) => (given: unknown) => {
      asked.push(given);
      return answer;
    };
    expect({
      noChannels: await attempt({}),
      noConfirmation: await attempt({ channels: ['beta'] }),
      declined: await attempt({ channels: ['beta'], confirmDowngrade: confirm(false) }),
      confirmed: await attempt({ channels: ['beta'], confirmDowngrade: confirm(true) }),
      asked,
    }).toEqual({
      noChannels: ['IPC_FORBIDDEN'],
      noConfirmation: ['IPC_FORBIDDEN'],
      declined: ['IPC_FORBIDDEN'],
      confirmed: ['ok', ['setChannel', 'beta', { allowDowngrade: true }]],
      asked: [preview, preview],
    });
  });

  it('lets pages call only the methods that the app allows', async () => {
    expose({ methods: ['info', 'check'] });
    expect({ answer: await page.call({ method: 'install', at: 'now' }), calls: updater.calls }).toEqual({
      answer: 'IPC_FORBIDDEN',
      calls: [],
    });
  });

  it('limits 10,000 calls in a second, and still serves other windows', async () => {
    expose();
    const answers: unknown[] = [];
    for (let call = 0; call < 10_000; call++) {
      vi.advanceTimersByTime(0.1);
      answers.push(await page.call({ method: 'check' }));
    }
    const passed = answers.filter((answer) => typeof answer === 'object').length;
    const limited = answers.filter((answer) => answer === 'IPC_RATE_LIMITED').length;
    expect({
      passed: passed <= 60,
      everyOther: limited === 10_000 - passed,
      calls: updater.calls.length === passed,
      other: await new FakePage().call({ method: 'info' }),
    }).toEqual({ passed: true, everyOther: true, calls: true, other: info });
  });

  it('does not reveal the text of foreign errors', async () => {
    expose();
    updater.on('check', () => {
      throw new Error('ENOENT /home/someone/secret');
    });
    updater.on('download', () => {
      throw new UpdateError('MANAGER_WRONG_STATE', 'There is nothing to download.');
    });
    const event = { type: 'frame', sender: page, senderFrame: page.mainFrame, frameId: 1, processId: 1 } as IpcEvent;
    expect({
      foreignError: await invoke(ipcCallChannel, event, [{ method: 'check' }]),
      ownError: await page.call({ method: 'download' }),
    }).toEqual({
      foreignError: {
        ok: false,
        error: {
          code: 'MANAGER_UNEXPECTED',
          phase: 'manager',
          message: 'Something unexpected went wrong. Try again later.',
          retriable: true,
          reason: 'other',
        },
      },
      ownError: 'MANAGER_WRONG_STATE',
    });
  });

  it('reveals neither addresses nor paths to pages', async () => {
    expose();
    await page.call({ method: 'info' });
    const secret = 'updates.example.org:8443 wrote /home/alice/x';
    const failure = new UpdateError('TRUST_OFFLINE', secret, { details: { host: secret } });
    updater.say({ type: 'checking' });
    updater.say({ type: 'idle', lastError: failure.toData() });
    updater.on('check', async () => Promise.reject(failure));
    const event = { type: 'frame', sender: page, senderFrame: page.mainFrame, frameId: 1, processId: 1 } as IpcEvent;
    const answers = [
      await invoke(ipcCallChannel, event, [{ method: 'check' }]),
      await invoke(ipcCallChannel, event, [{ method: 'info' }]),
    ];
    const told = {
      code: 'TRUST_OFFLINE',
      phase: 'trust',
      message: 'The update repository cannot be reached. Check the network, and try again.',
      retriable: true,
      reason: 'offline',
    };
    expect([...answers, page.heard.at(-1)]).toEqual([
      { ok: false, error: told },
      { ...info, state: { type: 'idle', lastError: told } },
      { type: 'idle', lastError: told },
    ]);
  });

  it('sends at most 10 progress messages per second, always the last one, and other states immediately', async () => {
    expose();
    await page.call({ method: 'info' });
    for (let byte = 1; byte <= 1000; byte++) {
      updater.say({ type: 'downloading', release, progress: progressAt(byte) });
      vi.advanceTimersByTime(1);
    }
    const inOneSecond = page.heard.length;
    vi.advanceTimersByTime(100);
    const last = page.heard.at(-1);
    updater.say({ type: 'downloading', release, progress: progressAt(1000) });
    updater.say({ type: 'verifying', release });
    vi.advanceTimersByTime(1000);
    expect({ few: inOneSecond <= 10, last, end: page.heard.at(-1) }).toEqual({
      few: true,
      last: { type: 'downloading', release, progress: progressAt(1000) },
      end: { type: 'verifying', release },
    });
  });

  it('reports invalid options immediately', () => {
    const attempt = (options: ExposeOptions): unknown => {
      try {
        expose(options);
        return 'fine';
      } catch (error) {
        return error instanceof UpdateError && error.code;
      }
    };
    expect([
      attempt({ origins: ['https://app.example.org', 'app://notes', 'http://localhost:5173'] }),
      ...['*', 'https://app.example.org/', 'file://', 'app', 'null'].map((origin) => attempt({ origins: [origin] })),
      attempt({ directories: ['/does/not/exist'] }),
    ]).toEqual(['fine', ...Array.from({ length: 6 }, () => 'OPTIONS_INVALID')]);
    expose();
    expect(() => exposeUpdater(updater)).toThrow(/was called before/);
  });

  it('sends nothing after it was stopped', async () => {
    expose();
    await page.call({ method: 'info' });
    stop();
    updater.say({ type: 'checking' });
    stop = () => undefined;
    await expect(page.call({ method: 'info' })).rejects.toThrow('No handler registered');
    expect(page.heard).toEqual([]);
    expect(ipcMain.listenerCount(ipcCallChannel)).toBe(0);
  });
});
