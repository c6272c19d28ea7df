/** A comparison of two mirrors that serve the same transfer at the same time. Immutable. */
export interface Probe {
  /** The start, in milliseconds on a monotonic clock. */
  readonly since: number;
  /** Bytes per second of each connection to the current mirror, before the probe. */
  readonly currentRate: number;
  /** Bytes from each mirror at the start. */
  readonly currentBytes: number;
  readonly candidateBytes: number;
}

/** The facts that a decision is based on. */
export interface ProbeSample {
  readonly now: number;
  /** Bytes from each mirror so far. */
  readonly currentBytes: number;
  readonly candidateBytes: number;
  /** Connections to the current mirror. The candidate has one. */
  readonly connections: number;
  /** Whether the candidate's request has ended. */
  readonly isOver: boolean;
}

/** The length of a probe, in milliseconds. Long enough to see past slow start on a distant link. */
const probeMs = 3000;
/** A transfer that ends within this time is not worth a probe, in milliseconds. */
const worthwhileMs = 10_000;
/** The time before a rate is meaningful, in milliseconds. */
const warmUpMs = 2000;
/** The candidate must be faster by this factor. Two mirrors of similar speed do not alternate. */
const worthwhileLead = 2;
/** A candidate that served fewer bytes than this has not shown a rate. */
const minProbeBytes = 16 * 1024;
/** The time until a mirror that was not faster is probed again, in milliseconds. */
export const reprobeDelayMs: number = 2 * 60_000;

/** Whether a request to find a faster mirror is worth its cost. `rate` in bytes per second. */
export function shouldProbe(elapsedMs: number, rate: number, remaining: number): boolean {
  return elapsedMs >= warmUpMs && remaining * 1000 > rate * worthwhileMs;
}

/**
 * Decides which mirror to use. Rates are compared per connection, and the current mirror counts with the better of its
 * rates before and during the probe. So a line that both share, or that just became slower, does not favour the
 * candidate.
 */
export function evaluateProbe(probe: Probe, sample: ProbeSample): 'open' | 'current' | 'candidate' {
  const elapsed = Math.max(1, sample.now - probe.since);
  if (elapsed < probeMs && !sample.isOver) return 'open';
  const candidateBytes = sample.candidateBytes - probe.candidateBytes;
  const during = (sample.currentBytes - probe.currentBytes) / Math.max(1, sample.connections);
  const rate = Math.max(probe.currentRate, (during * 1000) / elapsed);
  return candidateBytes >= minProbeBytes && (candidateBytes * 1000) / elapsed >= worthwhileLead * rate
    ? 'candidate'
    : 'current';
}
