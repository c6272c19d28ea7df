import { app } from 'electron';

import type { AppHost } from '../ports.ts';

/** Milliseconds that windows have to close before a quit counts as vetoed. */
const vetoMs = 10_000;

/** Milliseconds that the system has to end the app. */
const endMs = 30_000;

/**
 * Work for the moment when the app quits, and quitting up to that moment. `will-quit` is synchronous, so it is put off,
 * and the process ends without further events when the work is done. What the app itself puts off there comes first:
 * this listener moves to the end of the line with each quit.
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
    // The work reports its own failures; whatever becomes of it, the person wanted the app to end.
    await Promise.allSettled([...works].map((work) => work()));
    end();
  }

  app.on('will-quit', onWillQuit);
  app.on('before-quit', () => {
    app.off('will-quit', onWillQuit);
    app.on('will-quit', onWillQuit);
  });

  /**
   * `true` when the windows are gone and the work is done; the process waits for its `exit`. `false` when somebody said
   * no: a listener of `before-quit`, or a window that is still open after 10 seconds (an unsaved document, an app that
   * closes to the tray). A quit that comes about later is an ordinary one.
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
      // Last in line here, too: what other listeners said stands in the event.
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
      // Whoever waits would go on starting an app that ends in a moment.
      await new Promise((resolve) => setTimeout(resolve, endMs));
      app.exit();
    },
  };
}
