// @module-tag slow
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ElectronApplication, type Frame, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createNetwork, type Network } from '../../scripts/demo/network.ts';
import { createDemoWorld, type DemoWorld } from '../../scripts/demo/world.ts';
import type { Updater } from '../../src/main/index.ts';
import { ipcCallChannel, type UpdatesApi } from '../../src/shared/ipc.ts';
import { giveToAppUser } from '../../scripts/electron/app-user.ts';
import { electronName, windows } from '../support/electron.ts';
import { requires } from '../support/requires.ts';
import { startTestApp, type TestApp } from '../support/electron-app.ts';

declare const updates: UpdatesApi;
declare function say(channel: string, ...args: unknown[]): Promise<Said>;
declare const hostile: { readonly updater: Updater; open(url: string, as?: 'window' | 'view'): Promise<void> };

interface Said {
  readonly ok: boolean;
  readonly error?: { readonly code: string };
}

/** Everything that `window.updates` has. */
const contract = [
  'cancel',
  'check',
  'diagnostics',
  'download',
  'getSnapshot',
  'history',
  'info',
  'install',
  'pause',
  'previewChannel',
  'remindLater',
  'resume',
  'setChannel',
  'skip',
  'subscribe',
];

describe(`hostile pages, in ${electronName}`, requires(windows), () => {
  let directory: string;
  let world: DemoWorld;
  let network: Network | undefined;
  let stranger: Server;
  let testApp: TestApp | undefined;
  let app: ElectronApplication;
  let page: Page;

  /** What the app has done so far: nothing, if all was refused. */
  const done = async (): Promise<unknown> => {
    const inApp = await app.evaluate(() => ({ channel: hostile.updater.channel, state: hostile.updater.state.type }));
    return { ...inApp, requests: network?.requests };
  };
  const nothing = { channel: 'stable', state: 'idle', requests: 0 };
  /** Asks in the main frame until the limit for calls is over. */
  const answersAgain = async (): Promise<void> =>
    expect.poll(async () => page.evaluate(async () => (await updates.info()).ok)).toBe(true);
  /** What a page gets for the calls that would do most, whatever its preload exposes. */
  const everyCall = async (frame: Frame): Promise<unknown> =>
    frame.evaluate(async (channel) => {
      const calls = [
        { method: 'check' },
        { method: 'install', at: 'now' },
        { method: 'setChannel', channel: 'beta' },
        { method: 'diagnostics' },
      ];
      const answers = await Promise.all(calls.map(async (call) => say(channel, call)));
      return answers.map(({ ok, error }) => (ok ? 'ok' : error?.code));
    }, ipcCallChannel);
  const open = async (url: string, as: 'window' | 'view' = 'window'): Promise<Page> => {
    const opened = app.waitForEvent('window');
    await app.evaluate(async (_, [url, as]) => hostile.open(url, as), [url, as] as const);
    const window = await opened;
    await window.waitForURL((address) => address.href !== 'about:blank');
    return window;
  };

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'hostile-'));
    world = await createDemoWorld(directory, {
      async between(repository) {
        network = await createNetwork(repository);
        return network.url;
      },
    });
    stranger = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>A stranger</title>');
    });
    await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
    const source = join(import.meta.dirname, '../playwright/hostile');
    // As an installed AppImage: what is refused could be done.
    const image = join(directory, 'Hostile.AppImage');
    await writeFile(image, 'an installation that could be updated');
    await giveToAppUser(image);
    testApp = await startTestApp({
      main: join(source, 'main.ts'),
      preload: join(source, 'preload.ts'),
      update: world.update,
      env: { APPIMAGE: image },
    });
    ({ app } = testApp);
    page = await app.firstWindow();
    await page.waitForURL('**/index.html');
  });
  afterAll(async () => {
    await testApp?.close();
    stranger?.close();
    await network?.close();
    await world?.close();
    await rm(directory, { recursive: true, force: true });
  });

  it('see the contract and nothing else', async () => {
    const seen = await page.evaluate(() => {
      const attempt = (work: () => unknown): string => {
        'use strict';
        try {
          work();
          return 'done';
        } catch (error) {
          return (error as Error).name;
        }
      };
      return {
        keys: Object.keys(updates).toSorted(),
        symbols: Object.getOwnPropertySymbols(updates).length,
        kinds: [...new Set(Object.values(updates).map((value) => typeof value))],
        proto: Object.getPrototypeOf(updates) === Object.prototype,
        replaced: attempt(() => Object.assign(updates, { check: () => undefined })),
        leaked: ['require', 'process', 'module', 'ipcRenderer', 'electron', 'Buffer'].filter(
          (name) => name in globalThis,
        ),
      };
    });
    expect(seen).toEqual({
      keys: contract,
      symbols: 0,
      kinds: ['function'],
      proto: true,
      replaced: 'TypeError',
      leaked: [],
    });
  });

  it('are refused in a sub-frame, even one of the same origin', async () => {
    const frame = await page.waitForSelector('iframe').then(async (element) => element.contentFrame());
    if (frame === null) throw new Error('The page has no frame.');
    await frame.waitForURL('**/frame.html');
    expect([await everyCall(frame), await done()]).toEqual([Array(4).fill('IPC_FORBIDDEN'), nothing]);
  });

  it.each([
    ['of another host of the scheme', () => 'app://stranger/index.html'],
    ['of a web server', () => `http://127.0.0.1:${(stranger.address() as AddressInfo).port}/index.html`],
    ['without an origin', () => 'data:text/html,<!doctype html><title>Nobody</title>'],
    ['of the own address that is sandboxed away from it', () => 'app://notes/sandboxed.html'],
  ])('are refused on a page %s, which hears of nothing either', async (_, url) => {
    const window = await open(url());
    const requests = network?.requests;
    const refused = await everyCall(window.mainFrame());
    await window.evaluate(() => {
      updates.subscribe((state) => Object.assign(globalThis, { heard: state }));
    });
    await answersAgain();
    const before = await done();
    const answer = await page.evaluate(async () => (await updates.check()).ok);
    const heard = await window.evaluate(() => 'heard' in globalThis);
    await window.close();
    expect({ refused, before, answer, heard }).toEqual({
      refused: Array(4).fill('IPC_FORBIDDEN'),
      before: { ...nothing, requests },
      answer: true,
      heard: false,
    });
  });

  it('get no further with calls of the wrong form', async () => {
    await answersAgain();
    const before = await done();
    const codes: unknown[] = [];
    for (const [name, words] of Object.entries(wrongForms)) {
      await answersAgain();
      const code = await page.evaluate(
        async ([channel, words]) => {
          // oxlint-disable-next-line no-eval -- words of this file, as a page's own script would hold them
          const request: unknown = await eval(`(async () => (${words}))()`);
          return say(channel, request).then(
            (said) => (said.ok ? 'ok' : said.error?.code),
            (error: unknown) => (error as Error).message,
          );
        },
        [ipcCallChannel, words] as const,
      );
      codes.push([name, code]);
    }
    expect([codes, await done()]).toEqual([Object.keys(wrongForms).map((name) => [name, 'IPC_BAD_REQUEST']), before]);
  });

  it('cannot choose a channel that the app does not offer, nor a version of the contract that it does not speak', async () => {
    await answersAgain();
    const said = await page.evaluate(async (channel) => {
      const nightly = await updates.setChannel('nightly');
      const other = await say(channel.replace(':1:', ':2:'), { method: 'check' }).catch(
        (error: Error) => error.message,
      );
      return { nightly: nightly.ok ? 'ok' : nightly.error.code, other };
    }, ipcCallChannel);
    expect(said).toEqual({
      nightly: 'IPC_FORBIDDEN',
      other: expect.stringContaining("No handler registered for 'electron-tuf-updater:2:call'"),
    });
  });

  it('cannot flood the app', async () => {
    await answersAgain();
    const counts = await page.evaluate(async () => {
      const answers = await Promise.all(Array.from({ length: 10_000 }, async () => updates.info()));
      const codes = new Set(answers.map((answer) => (answer.ok ? 'ok' : answer.error.code)));
      return { codes: [...codes].toSorted(), answered: answers.filter((answer) => answer.ok).length };
    });
    await answersAgain();
    expect(counts.codes).toEqual(['IPC_RATE_LIMITED', 'ok']);
    expect(counts.answered).toBeLessThan(1000);
  });

  it('are told and answered in a view of a BaseWindow, if they are the own', async () => {
    const [own, foreign] = [
      await open('app://notes/view.html', 'view'),
      await open('app://stranger/view.html', 'view'),
    ];
    const heard = own.evaluate(async () => new Promise((resolve) => updates.subscribe((state) => resolve(state.type))));
    const answers = [
      await own.evaluate(async () => (await updates.info()).ok),
      await foreign.evaluate(async () => (await updates.info()).ok),
    ];
    await app.evaluate(async () => hostile.updater.check());
    expect({ answers, heard: await heard }).toEqual({ answers: [true, false], heard: 'checking' });
    await own.close();
    await foreign.close();
  });

  it('leave the app unharmed when they close in the middle of a call', async () => {
    const window = await open('app://notes/index.html');
    await window.evaluate(() => {
      void updates.check();
      void updates.diagnostics();
    });
    await window.close();
    await answersAgain();
    expect(await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1);
  });
});

const wrongForms: Readonly<Record<string, string>> = {
  'nothing at all': 'undefined',
  null: 'null',
  'a number': '7',
  'a word': '"check"',
  'a list': '["check"]',
  'no method': '{}',
  'an unknown method': '{ method: "quit" }',
  'a method of objects': '{ method: "constructor" }',
  __proto__: 'JSON.parse(\'{"__proto__": {"method": "check"}}\')',
  'the method __proto__': '{ method: "__proto__" }',
  'a method in a box': '{ method: ["check"] }',
  'a word too many': '{ method: "check", force: true }',
  'another time': '{ method: "install", at: "yesterday" }',
  'no time': '{ method: "install" }',
  'a channel that is no text': '{ method: "setChannel", channel: { toString: 1 } }',
  'a channel of ten million letters': '{ method: "setChannel", channel: "x".repeat(1e7) }',
  'consent that is no truth value': '{ method: "setChannel", channel: "beta", allowDowngrade: "yes" }',
  'a delay that is no number': '{ method: "remindLater", ms: "soon" }',
  'a map': 'new Map([["method", "check"]])',
};
