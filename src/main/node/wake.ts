import type { Clock } from '../ports.ts';

export interface WakeFacts {
  readonly clock: Clock;
  /** Whether there is a network, as far as that can be known without using it. */
  readonly isOnline: () => boolean;
}

/** Milliseconds between two checks. */
const checkMs = 30_000;
/** A check that is late by more than this follows a sleep, in milliseconds. */
const sleptMs = 60_000;

/**
 * Calls `listener` after sleep and when the network returns, where no event reports this. Checks twice a minute and
 * does not keep the process alive. The returned function stops it.
 */
export function watchWake({ clock, isOnline }: WakeFacts, listener: () => void): () => void {
  let wasOnline = isOnline();
  let planned = clock.now() + checkMs;
  let cancel = clock.after(checkMs, check);

  function check(): void {
    const now = clock.now();
    const online = isOnline();
    const woke = now - planned > sleptMs || (online && !wasOnline);
    wasOnline = online;
    planned = now + checkMs;
    cancel = clock.after(checkMs, check);
    if (woke && online) listener();
  }

  return () => cancel();
}
