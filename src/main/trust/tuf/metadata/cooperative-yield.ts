import { setImmediate } from 'node:timers/promises';

/** Lets long work give way: ask {@link shouldYield} now and then, and rest when it says so. */
export interface YieldTimer {
  shouldYield(): boolean;
  yieldNow(): Promise<void>;
}

/** Milliseconds of work at a stretch: a window is still drawn 60 times a second beside it. */
const stretchMs = 12;

export function createYieldTimer(): YieldTimer {
  let since = performance.now();
  let asked = 0;
  return {
    shouldYield: () => ++asked % 64 === 0 && performance.now() - since > stretchMs,
    async yieldNow() {
      await setImmediate();
      since = performance.now();
    },
  };
}

/** After work in one piece over bytes that are many. */
export async function yieldIfLarge(bytes: { readonly length: number }): Promise<void> {
  if (bytes.length > 256 * 1024) await setImmediate();
}
