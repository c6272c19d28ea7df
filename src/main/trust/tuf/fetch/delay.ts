import { UpdateError } from '../../../../shared/errors.ts';
import { wait } from '../../../../shared/wait.ts';
import type { Clock, TrustOptions } from '../../../ports.ts';

/** Resolves to `false` if `skipWaitSignal` ended the wait. @throws UpdateError `CANCELLED` */
export async function delay(
  clock: Clock,
  ms: number,
  { signal, skipWaitSignal }: Pick<TrustOptions, 'signal' | 'skipWaitSignal'> = {},
): Promise<boolean> {
  const signals = [signal, skipWaitSignal].filter((candidate) => candidate !== undefined);
  try {
    await wait(clock, ms, signals.length === 0 ? undefined : AbortSignal.any(signals));
    return true;
  } catch (error) {
    if (signal?.aborted === true) throw cancelled();
    if (skipWaitSignal?.aborted === true) return false;
    throw error;
  }
}

export function cancelled(): UpdateError {
  return new UpdateError('CANCELLED', 'The check was cancelled.');
}
