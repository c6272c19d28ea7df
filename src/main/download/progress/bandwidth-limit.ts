/** A bandwidth cap as a token bucket: bytes may be taken early, and are waited for afterwards. Immutable. */
export interface TokenBucket {
  /** Milliseconds on a monotonic clock until which everything so far has been paid for. */
  readonly paidUntil: number;
}

export const unthrottled: TokenBucket = { paidUntil: 0 };

/** How much of an unused allowance may be caught up on, in milliseconds. */
const burstMs = 250;

/** Takes `bytes` at a cap in bytes per second; the caller waits `waitMs` before it takes more. */
export function consume(
  bucket: TokenBucket,
  bytes: number,
  bytesPerSecond: number,
  now: number,
): { readonly bucket: TokenBucket; readonly waitMs: number } {
  const paidUntil = Math.max(bucket.paidUntil, now - burstMs) + (bytes * 1000) / bytesPerSecond;
  return { bucket: { paidUntil }, waitMs: Math.max(0, paidUntil - now) };
}
