import { setImmediate } from 'node:timers/promises';

/** Lets long work give way: ask {@link isDue} now and then, and rest when it says so. */
export interface Pace {
  isDue(): boolean;
  rest(): Promise<void>;
}

/** Milliseconds of work at a stretch: a window is still drawn 60 times a second beside it. */
const stretchMs = 12;

export function createPace(): Pace {
  let since = performance.now();
  let asked = 0;
  return {
    isDue: () => ++asked % 64 === 0 && performance.now() - since > stretchMs,
    async rest() {
      await setImmediate();
      since = performance.now();
    },
  };
}

/** After work in one piece over bytes that are many. */
export async function giveWay(bytes: { readonly length: number }): Promise<void> {
  if (bytes.length > 256 * 1024) await setImmediate();
}
