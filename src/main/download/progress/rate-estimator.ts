/**
 * A moving average of a rate, weighted to the last seconds: bytes that came over the time in which they came, both fading.
 * The wait for the first byte is no part of it. Immutable.
 */
export interface RateEstimate {
  /** Bytes per second; `undefined` until something can be said. */
  readonly bytesPerSecond: number | undefined;
  /** Milliseconds of receiving that it is based on, the faded ones included. */
  readonly basisMs: number;
  /** Milliseconds on a monotonic clock of the last sample, and the bytes in all by then. */
  readonly at: number;
  readonly bytes: number;
  readonly fading: { readonly bytes: number; readonly ms: number };
  /** False until the first byte. */
  readonly isReceiving: boolean;
}

/** Milliseconds in which what was received loses half of its weight. */
const halfLifeMs = 2000;
/** Samples closer together than this say more about the scheduler than about the network, in milliseconds. */
const leastSampleMs = 250;
/** Before this much of receiving, slow start would be taken for the rate of the line, in milliseconds. */
const warmUpMs = 2000;

export function startRate(now: number, bytes: number): RateEstimate {
  const fading = { bytes: 0, ms: 0 };
  return { bytesPerSecond: undefined, basisMs: 0, at: now, bytes, fading, isReceiving: false };
}

/** Takes note that `bytes` had been received in all at `now`. */
export function sampleRate(estimate: RateEstimate, now: number, bytes: number): RateEstimate {
  if (!estimate.isReceiving) return { ...estimate, at: now, bytes, isReceiving: bytes > estimate.bytes };
  const elapsed = now - estimate.at;
  if (elapsed < leastSampleMs) return estimate;
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

/** Whole seconds until `remaining` bytes are there; `undefined` when nobody can tell, or not yet. */
export function etaSeconds(estimate: RateEstimate, remaining: number): number | undefined {
  const rate = estimate.bytesPerSecond ?? 0;
  return rate < 1 || estimate.basisMs < warmUpMs ? undefined : Math.ceil(remaining / rate);
}
