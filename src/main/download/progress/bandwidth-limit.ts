/** A bandwidth cap as a token bucket: bytes may be taken early, and are waited for afterwards. Immutable. */
export interface Throttle {
  /** Milliseconds on a monotonic clock until which everything so far has been paid for. */
  readonly paidUntil: number;
}

export const unthrottled: Throttle = { paidUntil: 0 };

/** How much of an unused allowance may be caught up on, in milliseconds. */
const burstMs = 250;

/** Takes `bytes` at a cap in bytes per second; the caller waits `waitMs` before it takes more. */
export function takeBytes(
  throttle: Throttle,
  bytes: number,
  bytesPerSecond: number,
  now: number,
): { readonly throttle: Throttle; readonly waitMs: number } {
  const paidUntil = Math.max(throttle.paidUntil, now - burstMs) + (bytes * 1000) / bytesPerSecond;
  return { throttle: { paidUntil }, waitMs: Math.max(0, paidUntil - now) };
}
