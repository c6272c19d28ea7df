import { UpdateError } from '../../../../shared/errors.ts';
import type { Clock, TrustOptions } from '../../../ports.ts';

/** Waits by the clock. Somebody waits for the result, so the process is kept alive. @throws `CANCELLED` */
export async function wait(clock: Clock, ms: number, signal: AbortSignal | undefined): Promise<void> {
  if (signal?.aborted === true) throw cancelled();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const alive = setInterval(() => undefined, 60_000);
  const cancel = clock.after(ms, resolve);
  const abort = (): void => reject(cancelled());
  signal?.addEventListener('abort', abort);
  try {
    await promise;
  } finally {
    clearInterval(alive);
    signal?.removeEventListener('abort', abort);
    cancel();
  }
}

/** @returns `false` when it was hurried. @throws `CANCELLED` */
export async function waitPatiently(
  clock: Clock,
  ms: number,
  { signal, skipWaitSignal: hurry }: Pick<TrustOptions, 'signal' | 'skipWaitSignal'> = {},
): Promise<boolean> {
  const signals = [signal, hurry].filter((one) => one !== undefined);
  try {
    await wait(clock, ms, signals.length === 0 ? undefined : AbortSignal.any(signals));
    return true;
  } catch (error) {
    if (signal?.aborted === true || hurry?.aborted !== true) throw error;
    return false;
  }
}

export function cancelled(): UpdateError {
  return new UpdateError('CANCELLED', 'The check was cancelled.');
}
