/** A bandwidth cap as a token bucket. Bytes may be taken early; the wait follows. Immutable. */
export interface TokenBucket {
  /** The time until which all bytes so far are paid for, in milliseconds on a monotonic clock. */
  readonly paidUntil: number;
}

export const unthrottled: TokenBucket = { paidUntil: 0 };

/** The most unused allowance that accumulates, in milliseconds. */
const burstMs = 250;

/** Takes `bytes` under a cap in bytes per second. The caller waits `waitMs` before it takes more. */
export function consume(
  bucket: TokenBucket,
  bytes: number,
  bytesPerSecond: number,
  now: number,
): { readonly bucket: TokenBucket; readonly waitMs: number } {
  const paidUntil = Math.max(bucket.paidUntil, now - burstMs) + (bytes * 1000) / bytesPerSecond;
  return { bucket: { paidUntil }, waitMs: Math.max(0, paidUntil - now) };
}
