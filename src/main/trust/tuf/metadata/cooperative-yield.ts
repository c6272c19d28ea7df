import { setImmediate } from 'node:timers/promises';

/**
 * Lets long work yield to the event loop. Ask {@link shouldYield} regularly, and call {@link yieldNow} if it returns
 * true.
 */
export interface YieldTimer {
  shouldYield(): boolean;
  yieldNow(): Promise<void>;
}

/** Milliseconds of work without a yield. Short enough for a window to draw 60 times a second meanwhile. */
const sliceMs = 12;

export function createYieldTimer(): YieldTimer {
  let since = performance.now();
  let calls = 0;
  return {
    shouldYield: () => ++calls % 64 === 0 && performance.now() - since > sliceMs,
    async yieldNow() {
      await setImmediate();
      since = performance.now();
    },
  };
}

/** Yields after work on many bytes that could not be split. */
export async function yieldIfLarge(bytes: { readonly length: number }): Promise<void> {
  if (bytes.length > 256 * 1024) await setImmediate();
}
