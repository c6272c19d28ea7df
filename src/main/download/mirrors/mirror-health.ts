import { retryDelayMs } from '../../../shared/retry.ts';

/** What the client knows about one mirror. Immutable. Times are milliseconds on a monotonic clock. */
export interface MirrorHealth {
  /** Failures since it last served bytes. */
  readonly failures: number;
  readonly failedAt: number;
  /** The client does not ask the mirror before this time. */
  readonly retryAt: number;
  /** When another mirror turned out to be much faster. */
  readonly slowAt: number | undefined;
  /** When it served bytes that did not match the signed hash. */
  readonly liedAt: number | undefined;
}

export const healthy: MirrorHealth = { failures: 0, failedAt: 0, retryAt: 0, slowAt: undefined, liedAt: undefined };

/** How long a mirror that served corrupt bytes is asked last, in milliseconds. */
export const quarantineMs: number = 24 * 60 * 60_000;
/** How long failures and slowness count against a mirror, in milliseconds. */
export const healthTtlMs: number = 10 * 60_000;

export function recordSuccess(health: MirrorHealth): MirrorHealth {
  return health.failures === 0 ? health : { ...health, failures: 0, retryAt: 0 };
}

export function recordFailure(health: MirrorHealth, now: number, random: number, retryAfterMs?: number): MirrorHealth {
  const failures = health.failures + 1;
  return { ...health, failures, failedAt: now, retryAt: now + retryDelayMs(failures, random, retryAfterMs) };
}

export function recordSlow(health: MirrorHealth, now: number): MirrorHealth {
  return { ...health, slowAt: now };
}

export function recordCorruption(health: MirrorHealth, now: number): MirrorHealth {
  return { ...health, liedAt: now };
}

export function isQuarantined(health: MirrorHealth, now: number): boolean {
  return isWithin(health.liedAt, quarantineMs, now);
}

export function isSlow(health: MirrorHealth, now: number): boolean {
  return isWithin(health.slowAt, healthTtlMs, now);
}

/**
 * Lower is better. Mirrors with the same penalty keep the order in which the app lists them. A slow mirror comes before
 * one that fails.
 */
export function penalty(health: MirrorHealth, now: number): number {
  const failures = now - health.failedAt < healthTtlMs ? health.failures : 0;
  return (isQuarantined(health, now) ? 1000 : 0) + failures + (isSlow(health, now) ? 0.75 : 0);
}

function isWithin(at: number | undefined, ms: number, now: number): boolean {
  return at !== undefined && now - at < ms;
}
