import { app, type BaseWindow, powerMonitor } from 'electron';

import { allWindows } from './window-of.ts';

/** Milliseconds after which an announced end of the session counts as cancelled. */
const announcedMs = 60_000;

/**
 * Watches for the end of the session, because the system would kill an installer that starts then. Linux and macOS
 * report the end to `powerMonitor`. Windows reports it only to windows: first the intention, then the end. The result
 * returns whether the session is ending now.
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
  // Electron has no event for a new BaseWindow. Its page is reported shortly before the window shows it.
  app.on('web-contents-created', () => void setImmediate(watchAll));
  return () => ending || performance.now() - announcedAt < announcedMs;
}
