/** Two mirrors that serve the same transfer at the same time, to find out which is faster. Immutable. */
export interface Probe {
  /** Milliseconds on a monotonic clock. */
  readonly since: number;
  /** Bytes per second of each of the incumbent's connections, before the challenger came. */
  readonly usual: number;
  /** Bytes that each had given by then. */
  readonly currentBytes: number;
  readonly candidateBytes: number;
}

/** Facts at the moment of judging. */
export interface ProbeSample {
  readonly now: number;
  /** Bytes that each has given. */
  readonly currentBytes: number;
  readonly candidateBytes: number;
  /** Connections to the incumbent; the challenger has one. */
  readonly connections: number;
  /** The challenger has nothing more to fetch. */
  readonly isOver: boolean;
}

/** Long enough to look past slow start on a distant link, in milliseconds. */
const probeMs = 3000;
/** A transfer that ends within this is not worth a contest, in milliseconds. */
const worthwhileMs = 10_000;
/** Before a rate says anything, in milliseconds. */
const warmUpMs = 2000;
/** So many times as fast must the challenger be: two mirrors that are about as good do not take turns. */
const worthwhileLead = 2;
/** Bytes in a contest without which nothing was shown. */
const leastShown = 16 * 1024;
/** How long a mirror that was not faster is left alone, in milliseconds. */
export const reprobeDelayMs: number = 2 * 60_000;

/** Is it worth a request to learn whether another mirror is faster? `rate` in bytes per second. */
export function shouldProbe(elapsedMs: number, rate: number, remaining: number): boolean {
  return elapsedMs >= warmUpMs && remaining * 1000 > rate * worthwhileMs;
}

/**
 * Who goes on. Rates are compared per connection, and the incumbent by its better one: a line that both share, or that
 * just got slower, makes no challenger look good.
 */
export function evaluateProbe(probe: Probe, sample: ProbeSample): 'open' | 'current' | 'candidate' {
  const elapsed = Math.max(1, sample.now - probe.since);
  if (elapsed < probeMs && !sample.isOver) return 'open';
  const shown = sample.candidateBytes - probe.candidateBytes;
  const during = (sample.currentBytes - probe.currentBytes) / Math.max(1, sample.connections);
  const rate = Math.max(probe.usual, (during * 1000) / elapsed);
  return shown >= leastShown && (shown * 1000) / elapsed >= worthwhileLead * rate ? 'candidate' : 'current';
}
