import type { UpdateState } from '../../../shared/state.ts';

/** Milliseconds between two progress messages: at most 10 in any second. */
const progressMs = 110;

export interface Throttle {
  push(state: UpdateState): void;
  stop(): void;
}

/** Limits the rate of progress messages. Sends every other change at once, and always the last progress. */
export function throttleProgress(send: (state: UpdateState) => void): Throttle {
  let sentAt = -Infinity;
  let timer: NodeJS.Timeout | undefined;
  const stop = (): void => clearTimeout(timer);
  return {
    push(state) {
      stop();
      const now = (): void => {
        sentAt = performance.now();
        send(state);
      };
      const wait = state.type === 'downloading' ? sentAt + progressMs - performance.now() : 0;
      if (wait <= 0) now();
      else timer = setTimeout(now, wait);
    },
    stop,
  };
}
