import { net, powerMonitor } from 'electron';

/** Milliseconds between checks of the network. Electron's main process has no event for its return. */
const lookMs = 30_000;

/** Calls `listener` after sleep, when the screen is unlocked, and when the network returns. The result unregisters it. */
export function onWake(listener: () => void): () => void {
  let wasOnline = true;
  const timer = setInterval(() => {
    const isOnline = net.isOnline();
    if (isOnline && !wasOnline) listener();
    wasOnline = isOnline;
  }, lookMs);
  timer.unref();
  powerMonitor.on('resume', listener);
  powerMonitor.on('unlock-screen', listener);
  return () => {
    clearInterval(timer);
    powerMonitor.off('resume', listener);
    powerMonitor.off('unlock-screen', listener);
  };
}
