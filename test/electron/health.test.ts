// @module-tag slow
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { electronName, windows } from '../support/electron.ts';
import { requires } from '../support/requires.ts';
import { startTestApp, type TestApp } from '../support/electron-app.ts';
import { freePort } from '../support/free-port.ts';
import type { HealthApp, OpenOptions } from './health-app/main.ts';

declare const healthApp: HealthApp;

/** Milliseconds. Much longer than the time for which a page must stay loaded. */
const longMs = 1200;

describe(`health, in ${electronName}`, requires(windows), () => {
  let testApp: TestApp;
  beforeAll(async () => {
    testApp = await startTestApp({ main: join(import.meta.dirname, 'health-app/main.ts') });
  });
  afterAll(async () => testApp?.close());
  beforeEach(async () => testApp.app.evaluate(async () => healthApp.begin()));

  const watch = async (): Promise<void> => testApp.app.evaluate(() => healthApp.watch());
  const open = async (url: string, options: OpenOptions = {}): Promise<void> =>
    testApp.app.evaluate(async (_, [url, options]) => healthApp.open(url, options), [url, options] as const);
  const confirmed = async (): Promise<number> => testApp.app.evaluate(() => healthApp.confirmed());
  /** Waits for a confirmation, so that a test also shows that one is possible. */
  const untilConfirmed = async (): Promise<void> => expect.poll(confirmed, { timeout: 10_000 }).toBe(1);

  it.each<[string, OpenOptions]>([
    ['a window', {}],
    ['a view in a BaseWindow', { as: 'view' }],
  ])('confirms %s whose page stays loaded, once', async (_what, options) => {
    await watch();
    await open('app://own/index.html', options);
    await untilConfirmed();
    await open('app://own/index.html', options);
    await delay(longMs);
    expect(await confirmed()).toBe(1);
  });

  it.each<[string, OpenOptions]>([
    ['a window', {}],
    ['a view in a BaseWindow', { as: 'view' }],
  ])('confirms %s that loaded its page before the updater existed', async (_what, options) => {
    await open('app://own/index.html', options);
    await watch();
    await untilConfirmed();
  });

  it.each<[string, () => Promise<string>, OpenOptions]>([
    ['nobody answers at its address', async () => `http://127.0.0.1:${await freePort()}/`, {}],
    ['its file is not there', async () => Promise.resolve('file:///nowhere/index.html'), {}],
    ['its address means nothing', async () => Promise.resolve('nonsense://nowhere/'), {}],
    ['the server is busy (503)', async () => testApp.app.evaluate(() => healthApp.busy()), {}],
    ['it is not found (404), and blank', async () => Promise.resolve('app://own/missing'), {}],
    ['it says that something went wrong (500)', async () => Promise.resolve('app://own/error'), {}],
    ['it is blank', async () => Promise.resolve('app://own/blank'), {}],
    ['it is none', async () => Promise.resolve('about:blank'), {}],
    ['no window shows it', async () => Promise.resolve('app://own/index.html'), { as: 'detached view' }],
  ])('does not confirm a page if %s, before or after the updater exists', async (_what, address, options) => {
    const url = await address();
    await watch();
    await open(url, options);
    await delay(longMs);
    const after = await confirmed();
    await testApp.app.evaluate(async () => healthApp.begin());
    await open(url, options);
    await watch();
    await delay(longMs);
    expect({ after, before: await confirmed() }).toEqual({ after: 0, before: 0 });
  });

  it('does not confirm a page whose preload script fails while it is watched', async () => {
    await watch();
    await open('app://own/index.html', { preload: 'fails' });
    await delay(longMs);
    expect(await confirmed()).toBe(0);
  });

  it('confirms a window that works after a failure', async () => {
    await watch();
    await open('app://own/missing');
    await delay(longMs);
    const before = await confirmed();
    await testApp.app.evaluate(async () => healthApp.go('app://own/index.html'));
    await untilConfirmed();
    expect(before).toBe(0);
  });

  it('does not confirm a page that hangs, and confirms it once it responds', async () => {
    await open('app://own/index.html');
    await testApp.app.evaluate(() =>
      healthApp.run('const end = Date.now() + 8000; while (Date.now() < end); document.title = "goes on"'),
    );
    await delay(100);
    await watch();
    await delay(7000);
    const whileHung = await confirmed();
    await untilConfirmed();
    expect(whileHung).toBe(0);
  });

  it('does not confirm a page that reloads repeatedly', async () => {
    await watch();
    await open('app://own/index.html');
    for (let count = 0; count < 12; count += 1) {
      await testApp.app.evaluate(async () => healthApp.go('app://own/index.html'));
      await delay(150);
    }
    const meanwhile = await confirmed();
    await untilConfirmed();
    expect(meanwhile).toBe(0);
  });

  it('does not confirm a page that crashes', async () => {
    await watch();
    await open('app://own/index.html');
    await testApp.app.evaluate(() => healthApp.crash());
    await delay(longMs);
    expect(await confirmed()).toBe(0);
  });

  it('does not confirm a window while another one is broken', async () => {
    await watch();
    await open('app://own/missing');
    await open('app://own/index.html');
    await delay(longMs);
    expect(await confirmed()).toBe(0);
  });
});
