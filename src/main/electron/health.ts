import { app, BrowserWindow, type WebContents } from 'electron';

import { textOf, UpdateError } from '../../shared/errors.ts';
import type { Updater } from '../manager/updater.ts';
import type { Logger } from '../ports.ts';

/** The option with its default. @throws UpdateError `OPTIONS_INVALID` */
export function healthyAfter(seconds: number | 'manual' = 10): number | 'manual' {
  if (seconds === 'manual' || (typeof seconds === 'number' && seconds > 0 && seconds <= 3600)) return seconds;
  const wanted = '"manual", or a number of seconds, more than 0 and at most 3600';
  throw new UpdateError('OPTIONS_INVALID', `The option "healthyAfterSeconds" must be ${wanted}.`);
}

/**
 * Confirms that this version works once a window's page has stayed loaded for `seconds`: no crash, no failed load, not
 * hung, not closed. A second instance that hands over and quits, or a quick quit, confirms nothing. The result stops it.
 */
export function confirmWhenLoaded(updater: Updater, seconds: number, logger: Logger): () => void {
  const timers = new Map<WebContents, NodeJS.Timeout>();
  let done = false;

  function watch(window: BrowserWindow): void {
    const contents = window.webContents;
    const calm = (): void => {
      clearTimeout(timers.get(contents));
      timers.delete(contents);
    };
    const loaded = (): void => {
      if (done || timers.has(contents) || ['', 'about:blank'].includes(contents.getURL())) return;
      timers.set(contents, setTimeout(confirm, seconds * 1000).unref());
    };
    contents.on('did-finish-load', loaded);
    contents.on('did-fail-load', (_event, _code, _text, _url, isMainFrame) => {
      if (isMainFrame) calm();
    });
    contents.on('render-process-gone', calm);
    contents.on('unresponsive', calm);
    contents.on('destroyed', calm);
    // The updater may be made after the window: its page has loaded already.
    if (!contents.isLoading()) loaded();
  }

  function confirm(): void {
    if (done) return;
    stop();
    updater.confirmHealthy().catch((error: unknown) => {
      logger.warn(`That this version works could not be noted: ${textOf(error)}`);
    });
  }

  const onCreated = (_event: Electron.Event, window: BrowserWindow): void => watch(window);
  function stop(): void {
    done = true;
    app.off('browser-window-created', onCreated);
    for (const timer of timers.values()) clearTimeout(timer);
    timers.clear();
  }

  for (const window of BrowserWindow.getAllWindows()) watch(window);
  app.on('browser-window-created', onCreated);
  return stop;
}
