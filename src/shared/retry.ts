/**
 * Repeats `attempt` until its outcome asks for no further pause, or `wait` resolves to `false`. Returns the last outcome.
 * @param attempt gets the number of attempts before it
 * @param pauseAfter milliseconds until the next attempt; `undefined` ends it. `attempts` counts from 1.
 */
export async function retry<T>(
  attempt: (before: number) => Promise<T>,
  pauseAfter: (outcome: T, attempts: number) => number | undefined,
  wait: (ms: number) => Promise<unknown>,
): Promise<T> {
  for (let attempts = 1; ; attempts++) {
    const outcome = await attempt(attempts - 1);
    const ms = pauseAfter(outcome, attempts);
    if (ms === undefined || (await wait(ms)) === false) return outcome;
  }
}

/** A pause that grows by `factor` with each attempt (1 or more), in milliseconds. */
export function growingPause(attempts: number, firstMs: number, longestMs: number, factor = 2): number {
  return Math.min(longestMs, firstMs * factor ** (attempts - 1));
}

/** How a client should react to an HTTP status. */
export type StatusClass = 'success' | 'retry' | 'next-mirror';

const retriedStatuses = new Set([408, 425, 429, 500, 502, 503, 504]);

/** `retry`: the same request may succeed soon. `next-mirror`: this server will not answer it. */
export function classifyStatus(status: number): StatusClass {
  if (status >= 200 && status < 300) return 'success';
  return retriedStatuses.has(status) ? 'retry' : 'next-mirror';
}

/** The longest time that a server may make the client wait, in milliseconds. */
export const maxRetryAfterMs: number = 5 * 60_000;

const firstDelayMs = 500;
const maxDelayMs = 30_000;

/**
 * The delay before asking a server again after `failures` failures in a row (1 or more), in milliseconds. It doubles
 * from half a second to half a minute. Half of it is random, so that clients do not return at the same time. It is
 * never shorter than the server's `Retry-After`, up to {@link maxRetryAfterMs}. `random` is in [0, 1).
 */
export function retryDelayMs(failures: number, random: number, retryAfterMs = 0): number {
  const full = growingPause(failures, firstDelayMs, maxDelayMs);
  return Math.max(Math.round(full / 2 + (full / 2) * random), Math.min(retryAfterMs, maxRetryAfterMs));
}

/** `Retry-After` in milliseconds, from seconds or a date (RFC 9110, 10.2.3). `undefined` if it is neither. */
export function parseRetryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d{1,9}$/.test(value.trim())) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
