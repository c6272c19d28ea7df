/** How many connections a transfer may use: more are tried, and kept only while they make it faster. Immutable. */
export interface Growth {
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
export interface GrowthFacts {
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

export function startGrowth(now: number, connections = 1): Growth {
  return { allowed: connections, settled: false, at: now, bytes: 0, before: undefined };
}

/** Looks at the last window once it is over. */
export function grow(growth: Growth, { now, received, remaining, most }: GrowthFacts): Growth {
  const elapsed = now - growth.at;
  if (growth.settled || elapsed < windowMs) return growth;
  const rate = ((received - growth.bytes) * 1000) / elapsed;
  if (growth.before !== undefined && rate < growth.before * worthwhileGain) return halve(growth);
  const measured = { at: now, bytes: received };
  if (growth.allowed >= most || remaining * 1000 < rate * worthwhileMs) {
    return { ...growth, ...measured, before: undefined };
  }
  return { ...growth, ...measured, allowed: Math.min(most, growth.allowed * 2), before: rate };
}

/** Goes back to half as many, for good: more did not help, or the server does not want them. */
export function halve(growth: Growth): Growth {
  return { ...growth, allowed: Math.max(1, Math.floor(growth.allowed / 2)), settled: true };
}

/** Measures anew from now on: something else changed the rate. */
export function restart(growth: Growth, now: number, received: number): Growth {
  return { ...growth, at: now, bytes: received, before: undefined };
}
