import { UpdateError, type UpdateErrorCode } from '../../../../shared/errors.ts';
import { retry } from '../../../../shared/retry.ts';

const unsettledCodes: readonly UpdateErrorCode[] = [
  'TRUST_FILE_MISSING',
  'TRUST_UNSIGNED',
  'TRUST_ROLLBACK',
  'TRUST_MISMATCH',
];

/**
 * May this be a repository in the middle of being written, or a cache that is behind? RSTUF can write a timestamp before
 * the root that names its key, or before the role files that it leads to; a CDN may serve an older file than another of
 * its servers did. Looking again, past the caches, tells it from an attack.
 */
function mayBeUnsettled(error: unknown): boolean {
  return error instanceof UpdateError && unsettledCodes.includes(error.code);
}

/**
 * Runs `attempt` again after each of the pauses while {@link mayBeUnsettled}.
 * @param attempt gets the number of tries before it
 * @param pause waits; `false` when nobody wants to wait any longer
 */
export async function retryWhileUnsettled<T>(
  attempt: (before: number) => Promise<T>,
  schedule: readonly number[],
  pause: (ms: number) => Promise<boolean>,
): Promise<T> {
  const outcome = await retry(
    async (before): Promise<{ readonly value: T } | { readonly error: unknown }> => {
      try {
        return { value: await attempt(before) };
      } catch (error) {
        return { error };
      }
    },
    (last, attempts) => ('error' in last && mayBeUnsettled(last.error) ? schedule[attempts - 1] : undefined),
    pause,
  );
  if ('error' in outcome) throw outcome.error;
  return outcome.value;
}
