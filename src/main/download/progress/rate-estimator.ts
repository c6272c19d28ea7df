/**
 * A moving average of a rate, weighted towards the last seconds: received bytes divided by the time of receiving, where
 * both decay. The wait for the first byte does not count. Immutable.
 */
export interface RateEstimate {
  /** Bytes per second. `undefined` until there is a sample. */
  readonly bytesPerSecond: number | undefined;
  /** The time of receiving that the rate is based on, in milliseconds, including decayed samples. */
  readonly basisMs: number;
  /** The time of the last sample (milliseconds on a monotonic clock) and the total bytes at that time. */
  readonly at: number;
  readonly bytes: number;
  readonly fading: { readonly bytes: number; readonly ms: number };
  /** False until the first byte. */
  readonly isReceiving: boolean;
}

/** The time in which a sample loses half of its weight, in milliseconds. */
const halfLifeMs = 2000;
/** The shortest time between samples, in milliseconds. Shorter ones measure the scheduler rather than the network. */
const minSampleMs = 250;
/**
 * The time of receiving needed for an estimate, in milliseconds. Before that, slow start would pass for the rate of the
 * line.
 */
const warmUpMs = 2000;

export function startRate(now: number, bytes: number): RateEstimate {
  const fading = { bytes: 0, ms: 0 };
  return { bytesPerSecond: undefined, basisMs: 0, at: now, bytes, fading, isReceiving: false };
}

/** Records that `bytes` had been received in total at `now`. */
export function sampleRate(estimate: RateEstimate, now: number, bytes: number): RateEstimate {
  if (!estimate.isReceiving) return { ...estimate, at: now, bytes, isReceiving: bytes > estimate.bytes };
  const elapsed = now - estimate.at;
  if (elapsed < minSampleMs) return estimate;
  const weight = 0.5 ** (elapsed / halfLifeMs);
  const fading = {
    bytes: estimate.fading.bytes * weight + bytes - estimate.bytes,
    ms: estimate.fading.ms * weight + elapsed,
  };
  return {
    bytesPerSecond: (fading.bytes * 1000) / fading.ms,
    basisMs: estimate.basisMs + elapsed,
    at: now,
    bytes,
    fading,
    isReceiving: true,
  };
}

/**
 * Whole seconds until `remaining` bytes have arrived. `undefined` if that cannot be estimated yet, or nothing arrives.
 */
export function etaSeconds(estimate: RateEstimate, remaining: number): number | undefined {
  const rate = estimate.bytesPerSecond ?? 0;
  return rate < 1 || estimate.basisMs < warmUpMs ? undefined : Math.ceil(remaining / rate);
}
