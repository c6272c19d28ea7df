import type { Clock } from '../../src/main/ports.ts';

/** A clock that goes when a test says so. */
export interface ManualClock extends Clock {
  /** Lets time pass: what is due runs in its order. */
  advance(ms: number): void;
  /** The device sleeps: the clock goes on, timers do not. */
  sleep(ms: number): void;
  /** Timers that wait. */
  pending(): number;
}

export function manualClock(start: number): ManualClock {
  let now = start;
  let slept = 0;
  const timers = new Set<{ readonly at: number; readonly run: () => void }>();
  return {
    now: () => now,
    after(ms, run) {
      const timer = { at: now - slept + ms, run };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    advance(ms) {
      const end = now - slept + ms;
      for (;;) {
        const [next] = [...timers].filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at);
        if (next === undefined) break;
        timers.delete(next);
        now = Math.max(now, next.at + slept);
        next.run();
      }
      now = end + slept;
    },
    sleep(ms) {
      now += ms;
      slept += ms;
    },
    pending: () => timers.size,
  };
}
