/** How many connections a transfer may use. More are tried, and kept only while they make it faster. Immutable. */
export interface Concurrency {
  readonly allowed: number;
  /** Stops trying more connections. */
  readonly settled: boolean;
  /** When the current measurement began (milliseconds on a monotonic clock), and the bytes received at that time. */
  readonly at: number;
  readonly bytes: number;
  /** Bytes per second with half as many connections. Set while more connections are being tried. */
  readonly before: number | undefined;
}

/** The facts that a decision is based on. */
export interface ConcurrencyFacts {
  readonly now: number;
  readonly received: number;
  readonly remaining: number;
  /** The most connections that may be used. */
  readonly max: number;
}

/** The length of one measurement, in milliseconds. Long enough to see past slow start and scheduling. */
export const windowMs = 500;
/** A transfer that ends within this time does not get another connection, in milliseconds. */
const worthwhileMs = 2000;
/**
 * Twice as many connections must raise the rate by this factor. A lossy or distant link usually gains twice as much.
 */
const worthwhileGain = 1.25;

export function initialConcurrency(now: number, connections = 1): Concurrency {
  return { allowed: connections, settled: false, at: now, bytes: 0, before: undefined };
}

/** Evaluates a measurement once its window is over. */
export function adjustConcurrency(
  concurrency: Concurrency,
  { now, received, remaining, max }: ConcurrencyFacts,
): Concurrency {
  const elapsed = now - concurrency.at;
  if (concurrency.settled || elapsed < windowMs) return concurrency;
  const rate = ((received - concurrency.bytes) * 1000) / elapsed;
  if (concurrency.before !== undefined && rate < concurrency.before * worthwhileGain)
    return reduceConcurrency(concurrency);
  const measured = { at: now, bytes: received };
  if (concurrency.allowed >= max || remaining * 1000 < rate * worthwhileMs) {
    return { ...concurrency, ...measured, before: undefined };
  }
  return { ...concurrency, ...measured, allowed: Math.min(max, concurrency.allowed * 2), before: rate };
}

/** Halves the connections for good, because more did not help or the server does not accept them. */
export function reduceConcurrency(concurrency: Concurrency): Concurrency {
  return { ...concurrency, allowed: Math.max(1, Math.floor(concurrency.allowed / 2)), settled: true };
}

/** Starts a new measurement, because something else changed the rate. */
export function resetMeasurement(concurrency: Concurrency, now: number, received: number): Concurrency {
  return { ...concurrency, at: now, bytes: received, before: undefined };
}
