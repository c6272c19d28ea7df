/** What an HTTP status means for someone who could ask again or elsewhere. */
export type StatusVerdict = 'good' | 'later' | 'elsewhere';

const laterStatuses = new Set([408, 425, 429, 500, 502, 503, 504]);

/** `later`: the same request may work soon. `elsewhere`: it will not, here. */
export function judgeStatus(status: number): StatusVerdict {
  if (status >= 200 && status < 300) return 'good';
  return laterStatuses.has(status) ? 'later' : 'elsewhere';
}

/** The longest time that a server may make us wait, in milliseconds. */
export const maxRetryAfterMs: number = 5 * 60_000;

const firstDelayMs = 500;
const maxDelayMs = 30_000;

/**
 * Milliseconds to wait before trying a server again after `failures` in a row (1 or more): doubling from half a second to
 * half a minute, half of it random so that clients do not come back in step, and never earlier than the server asked for.
 * `random` is in [0, 1).
 */
export function retryDelayMs(failures: number, random: number, retryAfterMs = 0): number {
  const full = Math.min(maxDelayMs, firstDelayMs * 2 ** (failures - 1));
  return Math.max(Math.round(full / 2 + (full / 2) * random), Math.min(retryAfterMs, maxRetryAfterMs));
}

/** `Retry-After` in milliseconds: seconds or a date (RFC 9110, 10.2.3); `undefined` when it says neither. */
export function parseRetryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d{1,9}$/.test(value.trim())) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
