import { UpdateError } from '../../../../shared/errors.ts';

const hourMs = 3_600_000;

/**
 * Explains an expiry: if the server's `Date` says that the metadata has not expired yet, this device's clock is ahead.
 * This changes only the message. Nothing is accepted because of a server's time.
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

/** The warning to log if the clock is behind, because expired metadata would then look fresh. */
export function clockWarning(now: number, serverTime: number | undefined): string | undefined {
  if (serverTime === undefined || serverTime - now < 24 * hourMs) return undefined;
  return `This device's clock seems to be ${spanOf(serverTime - now)} behind, so expired update metadata may look fresh. Set the clock.`;
}

function spanOf(ms: number): string {
  const days = Math.round(ms / (24 * hourMs));
  return days < 2 ? `${Math.max(1, Math.round(ms / hourMs))} hours` : `${days} days`;
}
