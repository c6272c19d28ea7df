import { app, type BaseWindow, powerMonitor } from 'electron';

import { allWindows } from './window-of.ts';

/** Milliseconds after which an announced end of session that did not come is taken for called off. */
const announcedMs = 60_000;

/**
 * Whether the session is ending: an installer that is started then would be killed half-way. Linux and macOS tell
 * `powerMonitor`; Windows tells windows only, first that it wants to end, then that it does. The answer is a snapshot.
 */
export function watchSessionEnd(): () => boolean {
  let ending = false;
  let announcedAt = -Infinity;

  const watched = new WeakSet<BaseWindow>();
  const watch = (window: BaseWindow): void => {
    if (watched.has(window)) return;
    watched.add(window);
    window.on('query-session-end', () => {
      announcedAt = performance.now();
    });
    window.on('session-end', () => {
      ending = true;
    });
  };
  powerMonitor.on('shutdown', () => {
    ending = true;
  });
  const watchAll = (): void => allWindows().forEach(watch);
  watchAll();
  app.on('browser-window-created', (_event, window) => watch(window));
  // Nothing tells of a new BaseWindow; but what it shows is a page, and that is told a moment before it gets there.
  app.on('web-contents-created', () => void setImmediate(watchAll));
  return () => ending || performance.now() - announcedAt < announcedMs;
}
