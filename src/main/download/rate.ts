/** A moving average of a rate, weighted to the last seconds. Immutable. */
export interface RateEstimate {
  /** Bytes per second; `undefined` until something can be said. */
  readonly bytesPerSecond: number | undefined;
  /** Milliseconds on a monotonic clock. */
  readonly at: number;
  readonly bytes: number;
}

/** Milliseconds in which an old rate loses half of its weight. */
const halfLifeMs = 2000;
/** Samples closer together than this say more about the scheduler than about the network, in milliseconds. */
const leastSampleMs = 250;

export function startRate(now: number, bytes: number): RateEstimate {
  return { bytesPerSecond: undefined, at: now, bytes };
}

/** Takes note that `bytes` had been received in all at `now`. */
export function sampleRate(estimate: RateEstimate, now: number, bytes: number): RateEstimate {
  const elapsed = now - estimate.at;
  if (elapsed < leastSampleMs) return estimate;
  const current = ((bytes - estimate.bytes) * 1000) / elapsed;
  const weight = 0.5 ** (elapsed / halfLifeMs);
  const smooth =
    estimate.bytesPerSecond === undefined ? current : weight * estimate.bytesPerSecond + (1 - weight) * current;
  return { bytesPerSecond: smooth, at: now, bytes };
}

/** Whole seconds until `remaining` bytes are there; `undefined` when nobody can tell. */
export function etaSeconds(estimate: RateEstimate, remaining: number): number | undefined {
  const rate = estimate.bytesPerSecond ?? 0;
  return rate < 1 ? undefined : Math.ceil(remaining / rate);
}
