// @module-tag slow
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createNotesRig, launch, type NotesRig, type RunningNotes } from './notes-rig.ts';
import { electronName, windows } from '../support/electron.ts';
import { requires } from '../support/requires.ts';

/**
 * Checks Notes against Electron's security checklist. The numbers in brackets are its points in Electron's
 * docs/tutorial/security.md. Three points are missing here. [15]: the app opens nothing outside. [17]:
 * test/attacks/page.test.ts covers it. [19]: the fuses are flipped when the app is packaged.
 */
describe(`the demo app against Electron's security checklist, in ${electronName}`, requires(windows), () => {
  let rig: NotesRig;
  let running: RunningNotes;

  beforeAll(async () => {
    rig = await createNotesRig();
    running = await launch(await rig.install('1.0.0'));
  });
  afterAll(async () => {
    await running?.app.close();
    await rig?.close();
  });

  it('creates its window with only the safe preferences [2, 3, 4, 6, 8, 9, 10, 11]', async (context) => {
    // Electron's types lack this method, because it is not documented.
    const preferences = await running.app.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows().map(({ webContents }) =>
        (webContents as { getLastWebPreferences?(): object | null }).getLastWebPreferences?.(),
      ),
    );
    context.skip(preferences.includes(undefined), 'this Electron keeps to itself what a window was made with');
    expect(preferences).toEqual([
      expect.objectContaining({
        sandbox: true,
        contextIsolation: true,
        nodeIntegration: false,
        nodeIntegrationInSubFrames: false,
        webviewTag: false,
        webSecurity: true,
        allowRunningInsecureContent: false,
        experimentalFeatures: false,
        enableBlinkFeatures: '',
      }),
    ]);
  });

  it.runIf(process.platform === 'linux')('runs its page in Chromium’s sandbox of the system [4]', async () => {
    const pid = await running.app.evaluate(
      ({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.webContents.getOSProcessId() ?? 0,
    );
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    const [, uid] = /^Uid:\s+(\d+)/m.exec(status) ?? [];
    expect({ seccomp: /^Seccomp:\s+(\d)/m.exec(status)?.[1], isRoot: uid === '0' }).toEqual({
      seccomp: '2',
      isRoot: false,
    });
  });

  it('exposes no part of Node or Electron to its page [2, 3, 20]', async () => {
    const seen = await running.page.evaluate(() => ({
      leaked: ['require', 'process', 'module', 'Buffer', 'global', 'electron', 'ipcRenderer'].filter(
        (name) => name in globalThis,
      ),
      updates: Object.values((globalThis as unknown as { updates: object }).updates).every(
        (value) => typeof value === 'function',
      ),
    }));
    expect(seen).toEqual({ leaked: [], updates: true });
  });

  it('is served by its own scheme with a strict policy [1, 7, 18]', async () => {
    const { app, page } = running;
    const url = await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.webContents.getURL());
    // The code runs in a new task, because code that DevTools evaluates may do more than the page.
    const done = await page.evaluate(`new Promise((resolve) => setTimeout(resolve)).then(async () => {
      const attempt = async (work) => { try { await work(); return 'done'; } catch (error) { return error.name; } };
      const blocked = new Set();
      const blockedThree = new Promise((resolve) => document.addEventListener('securitypolicyviolation', (event) => {
        blocked.add(event.effectiveDirective);
        if (['frame-src', 'img-src', 'connect-src'].every((name) => blocked.has(name))) resolve();
      }));
      const results = {
        eval: await attempt(() => (0, eval)('1')),
        markup: await attempt(() => { document.body.innerHTML = '<p>markup</p>'; }),
        fetch: await attempt(() => fetch('https://example.org/')),
        own: await attempt(() => fetch('app.js')),
      };
      const frame = document.createElement('iframe');
      frame.src = 'https://example.org/';
      document.body.append(frame);
      Object.assign(new Image(), { src: 'https://example.org/pixel.png' });
      await blockedThree;
      frame.remove();
      return { ...results, blocked: [...blocked].toSorted() };
    })`);
    expect({ url, done }).toEqual({
      url: 'app://notes/index.html',
      done: {
        eval: 'EvalError',
        markup: 'TypeError',
        fetch: 'TypeError',
        own: 'TypeError',
        blocked: ['connect-src', 'frame-src', 'img-src', 'require-trusted-types-for'],
      },
    });
  });

  it('allows its page only to write text to the clipboard [5]', async () => {
    const states = await running.page.evaluate(`(async () => {
      const names = ['geolocation', 'notifications', 'camera', 'microphone', 'midi', 'clipboard-read', 'clipboard-write',
        'idle-detection', 'local-fonts', 'window-management'];
      const states = await Promise.all(names.map((name) => navigator.permissions.query({ name })));
      return Object.fromEntries(names.map((name, at) => [name, states[at].state]));
    })()`);
    const asked = await running.page.evaluate('Notification.requestPermission()');
    expect({ states, asked }).toEqual({
      states: {
        geolocation: 'denied',
        notifications: 'denied',
        camera: 'denied',
        microphone: 'denied',
        midi: 'denied',
        'clipboard-read': 'denied',
        'clipboard-write': 'granted',
        'idle-detection': 'denied',
        'local-fonts': 'denied',
        'window-management': 'denied',
      },
      asked: 'denied',
    });
  });

  it('lets no page embed another [11, 12]', async () => {
    const prevented = await running.app.evaluate(({ BrowserWindow }) => {
      let prevented = false;
      const event = { preventDefault: () => void (prevented = true) };
      BrowserWindow.getAllWindows()[0]?.webContents.emit('will-attach-webview', event, {}, {});
      return prevented;
    });
    expect(prevented).toBe(true);
  });

  it('stays on its page and opens no window [13, 14]', async () => {
    const { app, page } = running;
    const before = page.url();
    await page.evaluate(`
      for (const target of ['_self', '_blank']) {
        const link = Object.assign(document.createElement('a'), { href: 'https://example.org/', target, id: target });
        link.textContent = 'away';
        document.querySelector('.sheet-meta').append(link);
      }`);
    // Playwright's click would wait for a navigation that never ends, because the app refuses it.
    await page.evaluate(`document.getElementById('_self').click()`);
    await page.evaluate(`document.getElementById('_blank').click()`);
    await page.evaluate(`void window.open('app://notes/index.html', '', 'noopener')`);
    await page.evaluate(`location.href = 'file:///etc/passwd'`).catch(() => undefined);
    await expect.poll(() => app.windows().length).toBe(1);
    const windows = await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length);
    expect({ same: page.url() === before, windows }).toEqual({ same: true, windows: 1 });
  });

  it.each([
    'app://notes/../package.json',
    'app://notes/%2e%2e/main.js',
    'app://notes/styles/..%2f..%2fmain.js',
    'app://notes/.hidden.js',
    'app://notes/fonts/',
    'app://other/index.html',
  ])('serves only its page: not %s [18]', async (address) => {
    const status = await running.app.evaluate(
      async ({ session }, url) => (await session.defaultSession.fetch(url)).status,
      address,
    );
    expect(status).toBe(404);
  });
});
