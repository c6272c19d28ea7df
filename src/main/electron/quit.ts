import { app, BrowserWindow } from 'electron';

/** Milliseconds that windows have to close before a quit counts as vetoed. */
const vetoMs = 10_000;

/**
 * Work for the moment when the app quits. `will-quit` is synchronous, so it is put off and the process ends without
 * further events when the work is done. What the app itself puts off there comes first: this listener moves to the end
 * of the line with each quit.
 */
export function createQuitWork(): (work: () => Promise<void>) => () => void {
  const works = new Set<() => Promise<void>>();
  let finishing = false;

  const onWillQuit = (event: Electron.Event): void => {
    if (event.defaultPrevented || works.size === 0) return;
    event.preventDefault();
    if (finishing) return;
    finishing = true;
    void finish();
  };

  async function finish(): Promise<void> {
    // The work reports its own failures; whatever becomes of it, the person wanted the app to end.
    await Promise.allSettled([...works].map((work) => work()));
    app.exit();
  }

  app.on('will-quit', onWillQuit);
  app.on('before-quit', () => {
    app.off('will-quit', onWillQuit);
    app.on('will-quit', onWillQuit);
  });
  return (work) => {
    works.add(work);
    return () => works.delete(work);
  };
}

/**
 * Quits as a user would. `true` when the app is going; `false` when somebody said no: a listener of `before-quit`, or a
 * window that is still open after 10 seconds (an unsaved document, an app that closes to the tray).
 */
export function quitOrVeto(): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => settle(BrowserWindow.getAllWindows().length === 0), vetoMs);
    const going = (): void => settle(true);
    const settle = (gone: boolean): void => {
      clearTimeout(timer);
      app.off('will-quit', going);
      app.off('before-quit', asked);
      resolve(gone);
    };
    // Last in line here, too: what other listeners said stands in the event.
    const asked = (event: Electron.Event): void => {
      if (event.defaultPrevented) settle(false);
    };
    app.on('will-quit', going);
    app.on('before-quit', asked);
    app.quit();
  });
}
