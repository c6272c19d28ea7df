import { UpdateError, type UpdateErrorCode } from '../../../../shared/errors.ts';
import { retry } from '../../../../shared/retry.ts';

const unsettledCodes: readonly UpdateErrorCode[] = [
  'TRUST_FILE_MISSING',
  'TRUST_UNSIGNED',
  'TRUST_ROLLBACK',
  'TRUST_MISMATCH',
];

/**
 * Whether the repository may be in the middle of a write, or a cache may be stale. RSTUF can write a timestamp before
 * the root that names its key, or before the role files that the timestamp leads to. A CDN node may serve an older file
 * than another node did. Fetching again past the caches distinguishes this from an attack.
 */
function mayBeUnsettled(error: unknown): boolean {
  return error instanceof UpdateError && unsettledCodes.includes(error.code);
}

/**
 * Runs `attempt` again after each pause of the schedule, while {@link mayBeUnsettled}.
 * @param attempt receives the number of earlier attempts
 * @param pause waits; returns `false` to give up at once
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
