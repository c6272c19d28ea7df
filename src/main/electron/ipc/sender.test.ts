import type { BrowserWindow, WebContents, WebFrameMain } from 'electron';
import { expect, it } from 'vitest';

import { type PageFacts, readPage, refusal, type SenderRules } from './sender.ts';

const window = { isDestroyed: () => false } as BrowserWindow;
const rules: SenderRules = {
  origins: ['https://notes.example.org', 'app://notes'],
  directories: ['/opt/Notes/resources/app.asar'],
  windows: () => true,
};
const page: PageFacts = {
  window,
  type: 'window',
  isMainFrame: true,
  url: 'file:///opt/Notes/resources/app.asar/index.html',
  origin: 'file://',
};

it.each<Partial<PageFacts>>([
  {},
  { url: 'file:///opt/Notes/resources/app.asar/pages/a%20b.html?x=1#y' },
  { url: 'https://notes.example.org/updates', origin: 'https://notes.example.org' },
  { url: 'app://notes/index.html', origin: 'app://notes' },
])('accepts %j', (change) => {
  expect(refusal({ ...page, ...change }, rules)).toBeUndefined();
});

const gone = 'it is gone';
const notOurs = /is not among the origins/;
const notOurFile = /its file is not part of the app/;
const opaque = 'its origin is not that of its address';

it.each<[Partial<PageFacts> | undefined, string | RegExp]>([
  [undefined, gone],
  [{ window: undefined }, 'it is not shown by a window of the app'],
  [{ type: 'webview' }, 'it is shown in a webview'],
  [{ type: 'browserView' }, 'it is shown in a browserView'],
  [{ isMainFrame: false }, 'it is a frame inside another page'],
  [{ url: '' }, 'it has no address'],
  [{ url: 'about:blank', origin: 'null' }, opaque],
  [{ url: 'data:text/html,hi', origin: 'null' }, opaque],
  [{ origin: 'null' }, opaque],
  [{ url: 'https://notes.example.org/', origin: 'https://evil.example' }, opaque],
  [{ url: 'https://evil.example/', origin: 'https://evil.example' }, notOurs],
  [{ url: 'https://notes.example.org:8443/', origin: 'https://notes.example.org:8443' }, notOurs],
  [{ url: 'http://notes.example.org/', origin: 'http://notes.example.org' }, notOurs],
  [{ url: 'https://notes.example.org.evil.example/', origin: 'https://notes.example.org.evil.example' }, notOurs],
  [{ url: 'file:///home/user/Downloads/index.html' }, notOurFile],
  [{ url: 'file:///opt/Notes/resources/app.asar.evil/index.html' }, notOurFile],
  [{ url: 'file:///opt/Notes/resources/app.asar/../index.html' }, notOurFile],
  [{ url: 'file:///opt/Notes/resources/app.asar/..%2f..%2findex.html' }, notOurFile],
  [{ url: 'file:///opt/Notes/resources/app.asar/..%5cindex.html' }, notOurFile],
  [{ url: 'file://server/opt/Notes/resources/app.asar/index.html', origin: 'file://server' }, notOurFile],
])('refuses %j', (change, reason) => {
  expect(refusal(change === undefined ? undefined : { ...page, ...change }, rules)).toMatch(reason);
});

it('asks the app which windows are allowed', () => {
  const refused = refusal(page, { ...rules, windows: () => false });
  expect(refused).toBe('its window is not allowed to');
});

it('treats a page that Electron cannot read any more as gone', () => {
  const frame = { detached: false, parent: null, url: page.url, origin: page.origin };
  const contents = { isDestroyed: () => false, getType: () => 'window', mainFrame: frame };
  const disposed = Object.defineProperty({ ...frame }, 'url', {
    get() {
      throw new Error('Render frame was disposed before WebFrameMain could be accessed');
    },
  });
  const read = (
    change: object,
    called: object | null = frame,
    windowOf: () => BrowserWindow | null = () => window,
  ): unknown => readPage({ ...contents, ...change } as WebContents, called as WebFrameMain | null, windowOf);
  expect({
    open: read({}),
    noFrame: read({}, null),
    destroyed: read({ isDestroyed: () => true }),
    otherFrame: read({ mainFrame: { ...frame } }),
    detached: read({}, { ...frame, detached: true }),
    disposed: read({}, disposed),
    noWindow: read({}, frame, () => null),
    closedWindow: read({}, frame, () => ({ isDestroyed: () => true }) as BrowserWindow),
  }).toEqual({
    open: page,
    noFrame: undefined,
    destroyed: undefined,
    otherFrame: { ...page, isMainFrame: false },
    detached: undefined,
    disposed: undefined,
    noWindow: { ...page, window: undefined },
    closedWindow: { ...page, window: undefined },
  });
});
