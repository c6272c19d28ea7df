import { UpdateError } from '../../../../shared/errors.ts';

const hourMs = 3_600_000;

/**
 * Explains an expiry: when the server's `Date` says that the metadata has not expired yet, this device's clock is ahead.
 * Only the words change. Nothing is accepted because of what a server says of the time.
 */
export function explainExpiry(error: unknown, now: number, serverTime: number | undefined): unknown {
  if (!(error instanceof UpdateError) || error.code !== 'TRUST_EXPIRED' || serverTime === undefined) return error;
  const expires = Date.parse(String(error.details?.['expires']));
  if (!(serverTime < expires) || now - serverTime < hourMs) return error;
  return new UpdateError(
    'TRUST_CLOCK',
    `This device's clock seems to be ${spanOf(now - serverTime)} ahead, so update metadata looks expired. Set the clock and try again.`,
    { cause: error, details: { ...error.details, aheadMs: now - serverTime } },
  );
}

/** What to log when the clock is behind: metadata that has expired would look fresh then. */
export function clockWarning(now: number, serverTime: number | undefined): string | undefined {
  if (serverTime === undefined || serverTime - now < 24 * hourMs) return undefined;
  return `This device's clock seems to be ${spanOf(serverTime - now)} behind: a repository that stands still cannot be told from a fresh one. Set the clock.`;
}

function spanOf(ms: number): string {
  const days = Math.round(ms / (24 * hourMs));
  return days < 2 ? `${Math.max(1, Math.round(ms / hourMs))} hours` : `${days} days`;
}
