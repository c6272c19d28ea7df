import { app, type WebContents, webContents as allContents } from 'electron';

import { textOf, UpdateError } from '../../shared/errors.ts';
import type { Updater } from '../manager/updater.ts';
import type { Logger } from '../ports.ts';
import { type PageCondition, probePage } from './page-probe.ts';
import { isOwnPage, windowOf } from './window-of.ts';

/** Checks the option `healthyAfterSeconds` and applies its default. @throws UpdateError `OPTIONS_INVALID` */
export function healthyAfter(seconds: number | 'manual' = 10): number | 'manual' {
  if (seconds === 'manual' || (typeof seconds === 'number' && seconds > 0 && seconds <= 3600)) return seconds;
  const wanted = '"manual", or a number of seconds, more than 0 and at most 3600';
  throw new UpdateError('OPTIONS_INVALID', `The option "healthyAfterSeconds" must be ${wanted}.`);
}

/**
 * Confirms that this version works once a page in a window has stayed loaded for `seconds` and then answers. A page
 * does not count if it is an error page, an HTTP error or empty, if it crashed, hangs, navigates or was closed, or if
 * its preload script failed. While the page of another `BrowserWindow` is broken, nothing is confirmed. A second
 * instance and a quick quit confirm nothing. The result stops it.
 */
export function confirmWhenLoaded(updater: Updater, seconds: number, logger: Logger): () => void {
  const timers = new Map<WebContents, NodeJS.Timeout>();
  const withoutPreload = new Set<WebContents>();
  let done = false;

  function watch(contents: WebContents): void {
    const calm = (): void => {
      clearTimeout(timers.get(contents));
      timers.delete(contents);
    };
    const arm = (): void => {
      if (done || timers.has(contents) || contents.isDestroyed()) return;
      const look = (): void => void lookAt(contents).catch((error: unknown) => warn(error));
      timers.set(contents, setTimeout(look, seconds * 1000).unref());
    };
    async function lookAt(page: WebContents): Promise<void> {
      const timer = timers.get(page);
      const isWorking = (await conditionOf(page)) === 'works' && windowOf(page) !== null && !(await isAnyBroken());
      // The page may have changed while it was asked.
      if (done || timers.get(page) !== timer) return;
      if (isWorking) return confirm();
      timers.delete(page);
      arm();
    }
    contents.on('did-start-navigation', ({ isMainFrame, isSameDocument }) => {
      if (!isMainFrame || isSameDocument) return;
      withoutPreload.delete(contents);
      calm();
    });
    contents.on('preload-error', () => void withoutPreload.add(contents));
    for (const name of ['did-finish-load', 'did-stop-loading', 'responsive'] as const) contents.on(name as never, arm);
    for (const name of ['render-process-gone', 'unresponsive', 'destroyed'] as const) contents.on(name as never, calm);
    contents.once('destroyed', () => withoutPreload.delete(contents));
    // If the app creates the updater after the window, the page may have loaded already, even if it still reports
    // loading.
    if (contents.getURL() !== '') arm();
  }

  async function conditionOf(contents: WebContents): Promise<PageCondition> {
    return withoutPreload.has(contents) ? 'broken' : probePage(contents, logger);
  }

  async function isAnyBroken(): Promise<boolean> {
    const own = allContents.getAllWebContents().filter((contents) => !contents.isDestroyed() && isOwnPage(contents));
    return (await Promise.all(own.map(conditionOf))).includes('broken');
  }

  function confirm(): void {
    stop();
    updater.confirmHealthy().catch(warn);
  }

  function warn(error: unknown): void {
    logger.warn(`This version could not be confirmed as working: ${textOf(error)}`);
  }

  const onCreated = (_event: Electron.Event, contents: WebContents): void => {
    if (isPage(contents)) watch(contents);
  };
  function stop(): void {
    done = true;
    app.off('web-contents-created', onCreated);
    for (const timer of timers.values()) clearTimeout(timer);
    timers.clear();
  }

  for (const contents of allContents.getAllWebContents()) if (isPage(contents)) watch(contents);
  app.on('web-contents-created', onCreated);
  return stop;
}

/** True for the page of a window or of a view in a window, but not for a `<webview>`, which is inside another page. */
function isPage(contents: WebContents): boolean {
  return ['window', 'browserView'].includes(contents.getType());
}
