import { app } from 'electron';

import type { AppHost } from '../ports.ts';

/** Time in milliseconds for the windows to close. After it, the quit counts as vetoed. */
const vetoMs = 10_000;

/** Time in milliseconds for the system to end the app. */
const endMs = 30_000;

/**
 * Runs work when the app quits. `will-quit` is synchronous, so this prevents it, does the work, and then ends the
 * process without further events. The listener moves to the end of the list at each quit, so that the app's own
 * listeners can prevent the quit first.
 */
export function createQuitting(): Pick<AppHost, 'onQuit' | 'quit' | 'endBy'> {
  const works = new Set<() => Promise<void>>();
  let isEnding = false;
  let isReleased = false;
  let hold: (() => void) | undefined;

  const onWillQuit = (event: Electron.Event): void => {
    if (isReleased || event.defaultPrevented || (works.size === 0 && hold === undefined && !isEnding)) return;
    event.preventDefault();
    if (isEnding) return;
    isEnding = true;
    void finish(hold ?? (() => app.exit()));
  };

  async function finish(end: () => void): Promise<void> {
    // The work reports its own errors. The user wants the app to end even if it fails.
    await Promise.allSettled([...works].map((work) => work()));
    end();
  }

  app.on('will-quit', onWillQuit);
  app.on('before-quit', () => {
    app.off('will-quit', onWillQuit);
    app.on('will-quit', onWillQuit);
  });

  /**
   * Resolves `true` when the windows are closed and the work is done. The process then waits for `exit`. Resolves
   * `false` if a listener of `before-quit` prevented the quit, or if a window is still open after 10 seconds (an
   * unsaved document, an app that closes to the tray). If the app quits later, that is an ordinary quit.
   */
  async function quit(): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        if (!isEnding) settle(false);
      }, vetoMs);
      const settle = (gone: boolean): void => {
        clearTimeout(timer);
        app.off('before-quit', asked);
        hold = undefined;
        resolve(gone);
      };
      // This listener runs last, so the event shows whether another listener prevented the quit.
      const asked = (event: Electron.Event): void => {
        if (event.defaultPrevented) settle(false);
      };
      hold = () => settle(true);
      app.on('before-quit', asked);
      app.quit();
    });
  }

  return {
    onQuit(work) {
      works.add(work);
      return () => works.delete(work);
    },
    quit,
    async endBy(end) {
      isReleased = true;
      end();
      // Does not resolve, so that the caller does not continue to start an app that is about to end.
      await new Promise((resolve) => setTimeout(resolve, endMs));
      app.exit();
    },
  };
}
