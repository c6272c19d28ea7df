import { setTimeout as delay } from 'node:timers/promises';

import { omitUndefined } from '../../shared/omit-undefined.ts';
import { textOf, UpdateError } from '../../shared/errors.ts';
import { growingPause, retry } from '../../shared/retry.ts';
import type { ClientView } from '../client/client-view.ts';

export interface WaitOptions {
  /** Milliseconds. @defaultValue 60000 */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

const firstPauseMs = 100;
const longestPauseMs = 3_000;

/**
 * Repeats `attempt` until it returns a value, an error other than an {@link UpdateError}, or the time is up.
 * @throws what `giveUp` makes of the last {@link UpdateError}, when the time is up
 */
export async function repeatUntil<T>(
  attempt: () => Promise<T | undefined>,
  giveUp: (timeoutMs: number, last: UpdateError | undefined) => UpdateError,
  { timeoutMs = 60_000, signal }: WaitOptions = {},
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  let last: UpdateError | undefined;
  const value = await retry(
    async () => {
      signal?.throwIfAborted();
      try {
        return await attempt();
      } catch (error) {
        if (!(error instanceof UpdateError)) throw error;
        last = error;
        return undefined;
      }
    },
    (found, attempts) => {
      const pause = growingPause(attempts, firstPauseMs, longestPauseMs);
      return found !== undefined || performance.now() + pause > deadline ? undefined : pause;
    },
    (ms) => delay(ms, undefined, omitUndefined({ signal })),
  );
  if (value === undefined) throw giveUp(timeoutMs, last);
  return value;
}

/**
 * Refreshes as a client until `check` passes. Retries are needed because RSTUF reports a task as finished before its
 * metadata is served, and because a new timestamp can appear milliseconds before the roles that it names.
 * @throws UpdateError `PUBLISH_NOT_CONFIRMED`
 */
export async function waitUntilVisible(
  view: ClientView,
  check: () => Promise<void>,
  options: WaitOptions = {},
): Promise<void> {
  const attempt = async (): Promise<true> => {
    await view.refresh();
    await check();
    return true;
  };
  await repeatUntil(attempt, notConfirmed, options);
}

export function notConfirmed(timeoutMs: number, cause: UpdateError | undefined): UpdateError {
  const reason = cause === undefined ? 'the repository does not list them yet.' : textOf(cause);
  return new UpdateError(
    'PUBLISH_NOT_CONFIRMED',
    `RSTUF has signed the files, but a client does not see them after ${Math.round(timeoutMs / 1000)} seconds: ${reason} Check that metadata and content are served where update.json says, then run the same command again.`,
    { cause, ...(cause === undefined ? {} : { details: { reason: cause.code } }) },
  );
}
