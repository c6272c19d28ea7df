import { setTimeout as delay } from 'node:timers/promises';

import { textOf, UpdateError } from '../../shared/errors.ts';
import type { ClientView } from '../client/client-view.ts';

export interface WaitOptions {
  /** Milliseconds. @defaultValue 60000 */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

const firstPauseMs = 100;
const longestPauseMs = 3_000;

/**
 * Refreshes as a client until `check` passes. RSTUF calls a task finished before its files are served, and the
 * timestamp can be there some milliseconds before the role that it names: what is wrong now may be right in a second.
 * @throws UpdateError `PUBLISH_NOT_CONFIRMED`
 */
export async function waitUntilVisible(
  view: ClientView,
  check: () => Promise<void>,
  { timeoutMs = 60_000, signal }: WaitOptions = {},
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  for (let pause = firstPauseMs; ; pause = Math.min(pause * 2, longestPauseMs)) {
    signal?.throwIfAborted();
    try {
      await view.refresh();
      await check();
      return;
    } catch (error) {
      if (!(error instanceof UpdateError)) throw error;
      if (performance.now() + pause > deadline) throw notConfirmed(timeoutMs, error);
    }
    await delay(pause, undefined, signal === undefined ? {} : { signal });
  }
}

function notConfirmed(timeoutMs: number, cause: UpdateError): UpdateError {
  return new UpdateError(
    'PUBLISH_NOT_CONFIRMED',
    `RSTUF has signed the files, but a client does not see them after ${Math.round(timeoutMs / 1000)} seconds: ${textOf(cause)} Check that metadata and content are served where update.json says, then run the same command again.`,
    { cause, details: { reason: cause.code } },
  );
}
