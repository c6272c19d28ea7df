import type { Clock } from '../ports.ts';

export interface WakeFacts {
  readonly clock: Clock;
  /** Is there a network, as far as can be told without using it? */
  readonly isOnline: () => boolean;
}

/** Milliseconds between two looks. */
const lookMs = 30_000;
/** A look that comes this much later than planned, in milliseconds, comes after sleep. */
const sleptMs = 60_000;

/**
 * Calls `listener` after sleep and when the network comes back, where no event tells: it looks twice a minute and does
 * not keep the process alive. The result stops it.
 */
export function watchWake({ clock, isOnline }: WakeFacts, listener: () => void): () => void {
  let wasOnline = isOnline();
  let planned = clock.now() + lookMs;
  let cancel = clock.after(lookMs, look);

  function look(): void {
    const now = clock.now();
    const online = isOnline();
    const woke = now - planned > sleptMs || (online && !wasOnline);
    wasOnline = online;
    planned = now + lookMs;
    cancel = clock.after(lookMs, look);
    if (woke && online) listener();
  }

  return () => cancel();
}
