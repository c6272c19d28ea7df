import { app, BrowserWindow, powerMonitor } from 'electron';

/** Milliseconds after which an announced end of session that did not come is taken for called off. */
const announcedMs = 60_000;

/**
 * Whether the session is ending: an installer that is started then would be killed half-way. Linux and macOS tell
 * `powerMonitor`; Windows tells windows only, first that it wants to end, then that it does. The answer is a snapshot.
 */
export function watchSessionEnd(): () => boolean {
  let ending = false;
  let announcedAt = -Infinity;

  const watch = (window: BrowserWindow): void => {
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
  for (const window of BrowserWindow.getAllWindows()) watch(window);
  app.on('browser-window-created', (_event, window) => watch(window));
  return () => ending || performance.now() - announcedAt < announcedMs;
}
