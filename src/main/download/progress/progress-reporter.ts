import { omitUndefined } from '../../../shared/omit-undefined.ts';
import type { Progress, ProgressPhase } from '../../../shared/state.ts';
import { etaSeconds, type RateEstimate, sampleRate, startRate } from './rate-estimator.ts';

/** At most ten reports a second, in milliseconds between two. */
const leastIntervalMs = 100;
/** While nothing comes in, what is shown still changes: the rate sinks. In milliseconds between two reports. */
const idleIntervalMs = 1000;

export interface ProgressTimes {
  /** Milliseconds on a monotonic clock. */
  now(): number;
  /** Calls `run` once after `ms`; the result cancels it. */
  after(ms: number, run: () => void): () => void;
}

/**
 * Turns the bytes of one download into progress reports: not too many, none withheld for longer than a tenth of a
 * second, and always a last one.
 */
export class ProgressReporter {
  readonly #total: number;
  readonly #report: (progress: Progress) => void;
  readonly #times: ProgressTimes;
  #rate: RateEstimate;
  #last: Progress;
  #transferred = 0;
  #reportedAt = Number.NEGATIVE_INFINITY;
  #isDue = false;
  #cancelTimer: () => void = () => undefined;

  constructor(total: number, report: (progress: Progress) => void, times: ProgressTimes) {
    this.#total = total;
    this.#report = report;
    this.#times = times;
    this.#rate = startRate(times.now(), 0);
    this.#last = { phase: 'download', received: 0, total, saved: 0, bytesPerSecond: 0 };
  }

  /** `transferred` are bytes that came over the network, of which the rate is made. */
  update(phase: ProgressPhase, received: number, saved: number, transferred: number): void {
    const now = this.#times.now();
    if (phase !== this.#last.phase) this.#rate = startRate(now, transferred);
    this.#transferred = transferred;
    this.#look(now, { phase, received, saved });
    const waitMs = this.#reportedAt + leastIntervalMs - now;
    if (waitMs <= 0) this.#emit(now);
    else if (!this.#isDue) this.#emitAfter(waitMs);
  }

  /** Reports where it ended. */
  finish(): void {
    this.#cancelTimer();
    this.#report(this.#last);
  }

  #look(now: number, { phase, received, saved }: Pick<Progress, 'phase' | 'received' | 'saved'>): void {
    this.#rate = sampleRate(this.#rate, now, this.#transferred);
    const eta = phase === 'download' ? etaSeconds(this.#rate, this.#total - received) : undefined;
    this.#last = {
      phase,
      // What was thrown away again is not shown: a bar that runs back says nothing to anybody.
      received: Math.max(received, this.#last.received),
      total: this.#total,
      saved,
      bytesPerSecond: Math.round(this.#rate.bytesPerSecond ?? 0),
      ...omitUndefined({ etaSeconds: eta }),
    };
  }

  #emit(now: number): void {
    this.#cancelTimer();
    this.#isDue = false;
    this.#reportedAt = now;
    this.#report(this.#last);
    const isMoving = this.#last.phase === 'download' && this.#last.bytesPerSecond > 0;
    if (isMoving) this.#cancelTimer = this.#times.after(idleIntervalMs, () => this.#sink());
  }

  #emitAfter(ms: number): void {
    this.#cancelTimer();
    this.#isDue = true;
    this.#cancelTimer = this.#times.after(ms, () => this.#emit(this.#times.now()));
  }

  /** Nothing came for a while. */
  #sink(): void {
    const now = this.#times.now();
    this.#look(now, this.#last);
    this.#emit(now);
  }
}
