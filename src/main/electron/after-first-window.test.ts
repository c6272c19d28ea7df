import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { type FakeElectron, fakeElectron } from '../../../test/support/fake-electron.ts';
import { afterFirstWindow } from './after-first-window.ts';

let electron: FakeElectron;
vi.mock('electron', () => ({
  get app() {
    return electron.app;
  },
  get BrowserWindow() {
    return electron.BrowserWindow;
  },
  get BaseWindow() {
    return electron.BrowserWindow;
  },
}));

const start = vi.fn();
beforeEach(() => {
  vi.useFakeTimers();
  electron = fakeElectron();
  start.mockReset();
});
afterEach(() => vi.useRealTimers());

it('waits until the first window is ready to be shown, and starts once', async () => {
  afterFirstWindow(start);
  const window = electron.open();
  await vi.advanceTimersByTimeAsync(100);
  const before = start.mock.calls.length;
  window.emit('ready-to-show');
  await vi.advanceTimersByTimeAsync(0);
  const after = start.mock.calls.length;
  electron.open().emit('ready-to-show');
  await vi.advanceTimersByTimeAsync(10_000);
  expect({ before, after, starts: start.mock.calls.length }).toEqual({ before: 0, after: 1, starts: 1 });
});

it('starts after three seconds if no window is ready by then', async () => {
  afterFirstWindow(start);
  electron.open();
  await vi.advanceTimersByTimeAsync(2999);
  const before = start.mock.calls.length;
  await vi.advanceTimersByTimeAsync(1);
  expect({ before, starts: start.mock.calls.length }).toEqual({ before: 0, starts: 1 });
});

it('starts at once if there is a window already', () => {
  electron.open();
  afterFirstWindow(start);
  expect(start.mock.calls.length).toBe(1);
});
