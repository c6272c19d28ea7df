import type { Progress, ProgressPhase } from '../../shared/state.ts';
import { etaSeconds, type RateEstimate, sampleRate, startRate } from './rate.ts';

/** At most ten reports a second, in milliseconds between two. */
const leastIntervalMs = 100;

/** Turns the bytes of one download into progress reports: not too many, and always a last one. */
export class ProgressReporter {
  readonly #total: number;
  readonly #report: (progress: Progress) => void;
  readonly #now: () => number;
  #rate: RateEstimate;
  #last: Progress;
  #reportedAt = Number.NEGATIVE_INFINITY;

  constructor(total: number, report: (progress: Progress) => void, now: () => number) {
    this.#total = total;
    this.#report = report;
    this.#now = now;
    this.#rate = startRate(now(), 0);
    this.#last = { phase: 'download', received: 0, total, saved: 0, bytesPerSecond: 0 };
  }

  /** `transferred` are bytes that came over the network, of which the rate is made. */
  update(phase: ProgressPhase, received: number, saved: number, transferred: number): void {
    const now = this.#now();
    if (phase !== this.#last.phase) this.#rate = startRate(now, transferred);
    this.#rate = sampleRate(this.#rate, now, transferred);
    const eta = phase === 'download' ? etaSeconds(this.#rate, this.#total - received) : undefined;
    const bytesPerSecond = Math.round(this.#rate.bytesPerSecond ?? 0);
    this.#last = {
      phase,
      // What was thrown away again is not shown: a bar that runs back says nothing to anybody.
      received: Math.max(received, this.#last.received),
      total: this.#total,
      saved,
      bytesPerSecond,
      ...(eta === undefined ? {} : { etaSeconds: eta }),
    };
    if (now - this.#reportedAt >= leastIntervalMs) this.#emit(now);
  }

  /** Reports where it ended. */
  finish(): void {
    this.#emit(this.#now());
  }

  #emit(now: number): void {
    this.#reportedAt = now;
    this.#report(this.#last);
  }
}
