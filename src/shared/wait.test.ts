import { expect, it } from 'vitest';

import { wait } from './wait.ts';

/** Its timers never fire; `cancelled` counts those that were taken back. */
function stoppedClock(): { readonly after: () => () => void; cancelled: number } {
  const clock = { cancelled: 0, after: () => () => void clock.cancelled++ };
  return clock;
}

it('resolves when the clock reaches the time', async () => {
  await expect(wait({ after: (_ms, run) => (queueMicrotask(run), () => undefined) }, 5)).resolves.toBeUndefined();
});

it("rejects with its signal's reason, before and during the wait, and clears its timer", async () => {
  const reason = new Error('enough');
  const clock = stoppedClock();
  await expect(wait(clock, 5, AbortSignal.abort(reason))).rejects.toBe(reason);
  const controller = new AbortController();
  const waiting = wait(clock, 5, controller.signal);
  controller.abort(reason);
  await expect(waiting).rejects.toBe(reason);
  expect(clock.cancelled).toBe(1);
});
