import { app, type WebContents, webContents as allContents } from 'electron';

import { textOf, UpdateError } from '../../shared/errors.ts';
import type { Updater } from '../manager/updater.ts';
import type { Logger } from '../ports.ts';
import { type PageCondition, probePage } from './page-probe.ts';
import { isOwnPage, windowOf } from './window-of.ts';

/** The option with its default. @throws UpdateError `OPTIONS_INVALID` */
export function healthyAfter(seconds: number | 'manual' = 10): number | 'manual' {
  if (seconds === 'manual' || (typeof seconds === 'number' && seconds > 0 && seconds <= 3600)) return seconds;
  const wanted = '"manual", or a number of seconds, more than 0 and at most 3600';
  throw new UpdateError('OPTIONS_INVALID', `The option "healthyAfterSeconds" must be ${wanted}.`);
}

/**
 * Confirms that this version works once a page in a window has stayed loaded for `seconds` and then answers: no error page,
 * no HTTP error, not empty, no crash, no preload script that failed, not hung, not closed, not on its way elsewhere. As long
 * as the page of another `BrowserWindow` is broken, nothing is confirmed. A second instance that hands over and quits, or
 * a quick quit, confirms nothing. The result stops it.
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
      // What happened while it was asked counts.
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
    // The updater may be made after the window: its page has loaded already, and may even say that it is still loading.
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
    logger.warn(`That this version works could not be noted: ${textOf(error)}`);
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

/** Of a window, or of a view in one; not of a `<webview>`, which is a page inside a page. */
function isPage(contents: WebContents): boolean {
  return ['window', 'browserView'].includes(contents.getType());
}
