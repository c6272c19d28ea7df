import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { _electron, type ElectronApplication, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { processesOf } from '../../scripts/demo/processes.ts';
import { endsItself } from '../support/ends-itself.ts';

/** What the page sees of the fixture's preload. */
interface FixtureApi {
  readonly nested: { version: number };
  readonly required: string;
  echo(value: unknown): Promise<unknown>;
  echoFunction(): Promise<unknown>;
  fail(): Promise<unknown>;
  who(): Promise<unknown>;
  unknown(): Promise<unknown>;
  twice(value: number): number;
  boom(): never;
  onTock(listener: (value: unknown) => void): () => void;
  tick(count: number): void;
}
declare const api: FixtureApi;

/** The stand-in keeps the semantics that Electron documents: but for drawn message boxes, these specs would pass there too. */
describe('the stand-in for Electron', () => {
  let home: string;
  let app: ElectronApplication;
  let page: Page;
  let output: string[];

  const launch = async (...args: string[]): Promise<void> => {
    app = await _electron.launch({
      executablePath: join(import.meta.dirname, 'electron.sh'),
      args: [join(import.meta.dirname, 'fixture'), ...args],
      env: { PATH: process.env['PATH'] ?? '', HOME: home, TMPDIR: home, XDG_CONFIG_HOME: home },
    });
    output = [];
    app.process().stdout?.on('data', (data: Buffer) => output.push(...String(data).trim().split('\n')));
    page = await app.firstWindow();
    await page.waitForURL('**/index.html');
  };

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'stand-in-'));
  });
  afterAll(async () => {
    expect(await processesOf(home)).toEqual([]);
    await rm(home, { recursive: true, force: true });
  });

  describe('with an open window', () => {
    beforeEach(async () => launch());
    afterEach(async () => app.close());

    it('exposes copies and functions to the page before its first script, and nothing else', async () => {
      const seen = await page.evaluate(() => {
        const attempt = (work: () => unknown): unknown => {
          try {
            return work();
          } catch (error) {
            return (error as Error).message;
          }
        };
        return {
          early: (globalThis as { early?: string }).early,
          frozen: attempt(() => {
            'use strict';
            api.nested.version = 4;
            return api.nested.version;
          }),
          required: api.required,
          twice: api.twice(4),
          boom: attempt(() => api.boom()),
          leaked: ['require', 'process', 'electronSend', 'electronReceive', 'ipcRenderer'].filter(
            (name) => name in globalThis,
          ),
        };
      });
      expect(seen).toEqual({
        early: 'object',
        frozen: expect.stringContaining('read only'),
        required: 'module not found: fs',
        twice: 8,
        boom: 'boom',
        leaked: [],
      });
    });

    it('carries structured clones both ways, and refuses what cannot be cloned', async () => {
      const seen = await page.evaluate(async () => {
        const message = (error: Error): string => error.message;
        const value = { at: new Date(5), map: new Map([[1, 'one']]), none: undefined, bytes: Uint8Array.of(1, 2) };
        const back = (await api.echo(value)) as typeof value;
        return {
          date: back.at instanceof Date && back.at.getTime(),
          map: back.map.get(1),
          none: 'none' in back,
          bytes: back.bytes.join(' '),
          function: await api.echoFunction().catch(message),
          fail: await api.fail().catch(message),
          unknown: await api.unknown().catch(message),
        };
      });
      expect(seen).toEqual({
        date: 5,
        map: 'one',
        none: true,
        bytes: '1 2',
        function: 'An object could not be cloned.',
        fail: "Error invoking remote method 'fail': TypeError: no",
        unknown: "Error invoking remote method 'unknown': Error: No handler registered for 'unknown'",
      });
    });

    it('tells the main process who calls, and delivers messages to listeners until they are removed', async () => {
      const who = await page.evaluate(async () => api.who());
      const tocks = await page.evaluate(async () => {
        const heard: unknown[] = [];
        const next = async (): Promise<unknown> => new Promise((resolve) => api.onTock(resolve));
        const stop = api.onTock((value) => heard.push(value));
        api.tick(1);
        await next();
        stop();
        api.tick(2);
        await next();
        return heard;
      });
      expect({ who, tocks }).toEqual({
        who: { origin: 'file://', isMainFrame: true, hasWindow: true },
        tocks: [{ count: 1 }],
      });
    });

    it('draws a message box as a page of its own, as text, until it is answered', async () => {
      const ask = async (): Promise<readonly [box: Page, response: Promise<number>]> => {
        const opened = app.waitForEvent('window');
        const response = app.evaluate(async ({ dialog }) => {
          const box = { message: '<b>Go?</b>', detail: 'Far', buttons: ['Yes', 'No'], defaultId: 0, cancelId: 1 };
          return (await dialog.showMessageBox(box)).response;
        });
        return [await opened, response];
      };
      const [first, yes] = await ask();
      await first.getByRole('button', { name: 'Yes' }).waitFor();
      const words = await first.locator('body').innerText();
      const focused = await first.evaluate<string>('document.activeElement.textContent');
      await endsItself(first.getByRole('button', { name: 'Yes' }).click());
      const responses = [await yes];
      const [second, no] = await ask();
      await second.getByRole('button', { name: 'No' }).waitFor();
      await endsItself(second.keyboard.press('Escape'));
      responses.push(await no);
      await expect.poll(() => app.windows().length).toBe(1);
      expect({ words: words.split(/\n+/), focused, responses }).toEqual({
        words: ['<b>Go?</b>', 'Far', 'Yes', 'No'],
        focused: 'Yes',
        responses: [0, 1],
      });
    });

    it('keeps the preload out of sub-frames', async () => {
      const frame = page.frames().find((frame) => frame.url().endsWith('frame.html'));
      expect(await frame?.evaluate(() => 'api' in globalThis)).toBe(false);
    });
  });

  it("asks windows before it quits, and quits in Electron's order", async () => {
    await launch('--veto');
    const quit = async (): Promise<void> => app.evaluate(({ app }) => app.quit()).catch(() => undefined);
    const ended = new Promise((resolve) => app.process().once('close', resolve));
    await quit();
    const windows = await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length);
    await quit();
    expect({ windows, code: await ended, output: output.filter((line) => line !== 'loaded') }).toEqual({
      windows: 1,
      code: 0,
      output: ['before-quit', 'before-quit', 'will-quit', 'quit'],
    });
  });

  it('ends when its main process is killed, browser and all', async () => {
    await launch();
    const ended = new Promise((resolve) => app.process().once('close', resolve));
    app.process().kill('SIGKILL');
    await ended;
    await expect.poll(async () => processesOf(home)).toEqual([]);
  });
});
