import { omitUndefined } from '../../../shared/omit-undefined.ts';
import type { Progress, ProgressPhase } from '../../../shared/state.ts';
import { etaSeconds, type RateEstimate, sampleRate, startRate } from './rate-estimator.ts';

/** The shortest time between two reports, in milliseconds: at most ten reports per second. */
const minIntervalMs = 100;
/** The time between two reports while nothing arrives, in milliseconds. They show the falling rate. */
const idleIntervalMs = 1000;

export interface ProgressTimes {
  /** Milliseconds on a monotonic clock. */
  now(): number;
  /** Calls `run` once after `ms`. The returned function cancels it. */
  after(ms: number, run: () => void): () => void;
}

/**
 * Turns the byte counts of one download into progress reports. It limits their number, withholds none for longer than
 * 100 ms, and always sends a last one.
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

  /** `transferred` counts the bytes that came over the network. The rate is computed from them. */
  update(phase: ProgressPhase, received: number, saved: number, transferred: number): void {
    const now = this.#times.now();
    if (phase !== this.#last.phase) this.#rate = startRate(now, transferred);
    this.#transferred = transferred;
    this.#sample(now, { phase, received, saved });
    const waitMs = this.#reportedAt + minIntervalMs - now;
    if (waitMs <= 0) this.#emit(now);
    else if (!this.#isDue) this.#emitAfter(waitMs);
  }

  /** Reports the final progress. */
  finish(): void {
    this.#cancelTimer();
    this.#report(this.#last);
  }

  #sample(now: number, { phase, received, saved }: Pick<Progress, 'phase' | 'received' | 'saved'>): void {
    this.#rate = sampleRate(this.#rate, now, this.#transferred);
    const eta = phase === 'download' ? etaSeconds(this.#rate, this.#total - received) : undefined;
    this.#last = {
      phase,
      // Bytes that were discarded again stay in the count, because a bar that moves back would confuse.
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
    if (isMoving) this.#cancelTimer = this.#times.after(idleIntervalMs, () => this.#emitIdle());
  }

  #emitAfter(ms: number): void {
    this.#cancelTimer();
    this.#isDue = true;
    this.#cancelTimer = this.#times.after(ms, () => this.#emit(this.#times.now()));
  }

  /** Reports the falling rate after a while without bytes. */
  #emitIdle(): void {
    const now = this.#times.now();
    this.#sample(now, this.#last);
    this.#emit(now);
  }
}
