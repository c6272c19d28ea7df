/** How many connections a transfer may use: more are tried, and kept only while they make it faster. Immutable. */
export interface Concurrency {
  readonly allowed: number;
  /** No more trying. */
  readonly settled: boolean;
  /** When the current measurement began (ms on a monotonic clock), and the bytes received by then. */
  readonly at: number;
  readonly bytes: number;
  /** Bytes per second with half as many connections. */
  readonly before: number | undefined;
}

/** Facts at the moment of asking. */
export interface ConcurrencyFacts {
  readonly now: number;
  readonly received: number;
  readonly remaining: number;
  /** The most connections that may be used. */
  readonly most: number;
}

/** Long enough to look past slow start and scheduling, in milliseconds. */
export const windowMs = 500;
/** A transfer that ends within this is not worth another connection, in milliseconds. */
const worthwhileMs = 2000;
/** Twice as many connections must give this many times the rate. Half of what a lossy or distant link gives. */
const worthwhileGain = 1.25;

export function initialConcurrency(now: number, connections = 1): Concurrency {
  return { allowed: connections, settled: false, at: now, bytes: 0, before: undefined };
}

/** Looks at the last window once it is over. */
export function adjustConcurrency(
  concurrency: Concurrency,
  { now, received, remaining, most }: ConcurrencyFacts,
): Concurrency {
  const elapsed = now - concurrency.at;
  if (concurrency.settled || elapsed < windowMs) return concurrency;
  const rate = ((received - concurrency.bytes) * 1000) / elapsed;
  if (concurrency.before !== undefined && rate < concurrency.before * worthwhileGain)
    return reduceConcurrency(concurrency);
  const measured = { at: now, bytes: received };
  if (concurrency.allowed >= most || remaining * 1000 < rate * worthwhileMs) {
    return { ...concurrency, ...measured, before: undefined };
  }
  return { ...concurrency, ...measured, allowed: Math.min(most, concurrency.allowed * 2), before: rate };
}

/** Goes back to half as many, for good: more did not help, or the server does not want them. */
export function reduceConcurrency(concurrency: Concurrency): Concurrency {
  return { ...concurrency, allowed: Math.max(1, Math.floor(concurrency.allowed / 2)), settled: true };
}

/** Measures anew from now on: something else changed the rate. */
export function resetMeasurement(concurrency: Concurrency, now: number, received: number): Concurrency {
  return { ...concurrency, at: now, bytes: received, before: undefined };
}
