import { app, type BrowserWindow } from 'electron';

import { allWindows } from './window-of.ts';

/** Milliseconds after `ready` for apps whose first window takes long, or that have none. */
const latestMs = 3000;

/**
 * Calls `start` once the app's first window is ready to be shown, at the latest 3 seconds after the app is ready. The
 * work of the updater must not delay that window. If there is a window already, `start` is called at once.
 */
export function afterFirstWindow(start: () => void): void {
  let timer: NodeJS.Timeout | undefined;
  let hasStarted = false;
  const startOnce = (): void => {
    if (hasStarted) return;
    hasStarted = true;
    clearTimeout(timer);
    app.off('browser-window-created', onWindow);
    start();
  };
  const onWindow = (_event: Electron.Event, window: BrowserWindow): void => {
    // The app's own listener shows the window, so it must run first.
    window.once('ready-to-show', () => setImmediate(startOnce));
  };
  if (app.isReady() && allWindows().length > 0) return startOnce();
  app.on('browser-window-created', onWindow);
  const startLater = async (): Promise<void> => {
    await app.whenReady();
    if (!hasStarted) timer = setTimeout(startOnce, latestMs).unref();
  };
  void startLater();
}
