import type { UpdateError } from '../../../shared/errors.ts';
import { bytesIn } from '../byte-ranges.ts';
import type { LeaseOutcome } from './fetch-segment.ts';
import type { Means } from '../context.ts';
import { badness, isSlow, noteFailure } from '../mirrors/mirror-health.ts';
import type { Mirror } from './mirror-state.ts';
import type { TransferJob } from './transfer-options.ts';

/** So many failures in a row, without progress between them, and a mirror is left alone. */
const maxFailures = 5;

/** Which mirror of a transfer to ask. What a mirror did is remembered by the room, for later transfers too. */
export class MirrorChoice {
  readonly #means: Means;
  readonly #job: TransferJob;

  constructor(means: Means, job: TransferJob) {
    this.#means = means;
    this.#job = job;
    // What failed before a pause may work after it.
    for (const mirror of job.mirrors) Object.assign(mirror, { failures: 0, gone: undefined });
  }

  /** The best mirror that may be asked now; waits for one if it must. `undefined` when all are gone. */
  async next(signal: AbortSignal): Promise<Mirror | undefined> {
    for (;;) {
      const now = this.#means.now();
      const here = this.#job.mirrors.filter((mirror) => mirror.gone === undefined);
      if (here.length === 0) return undefined;
      const best = this.#best(here, now);
      if (best !== undefined) return best;
      const retryAt = here.map((mirror) => this.#means.health(mirror.url).retryAt);
      await this.#means.wait(Math.min(...retryAt) - now, signal);
    }
  }

  /** The best mirror that might turn out faster than the one in use. */
  challenger(incumbent: Mirror, now: number): Mirror | undefined {
    const candidates = this.#job.mirrors.filter(
      (mirror) =>
        mirror !== incumbent &&
        mirror.gone === undefined &&
        mirror.ranges !== false &&
        mirror.rematchAt <= now &&
        !isSlow(this.#means.health(mirror.url), now) &&
        !this.#means.isQuarantined(mirror.url),
    );
    return this.#best(candidates, now);
  }

  /** Is there a mirror besides this one that may have ranges? */
  hasOtherWithRanges(mirror: Mirror): boolean {
    return this.#job.mirrors.some((other) => other !== mirror && other.gone === undefined && other.ranges !== false);
  }

  /** Takes note of a failure. `location` is the one that was asked. */
  setBack(mirror: Mirror, location: number, outcome: Extract<LeaseOutcome, { readonly error: UpdateError }>): void {
    const { error } = outcome;
    if (error.code === 'DOWNLOAD_NOT_FOUND' && location + 1 < this.#job.locations.length) {
      mirror.location = location + 1;
      return;
    }
    const { logger, random } = this.#means.options;
    logger.warn(`Mirror ${mirror.url}: ${error.message}`);
    mirror.failures++;
    const retryAfterMs = outcome.type === 'later' ? outcome.retryAfterMs : undefined;
    this.#means.note(mirror.url, (health) => noteFailure(health, this.#means.now(), random(), retryAfterMs));
    if (outcome.type === 'elsewhere' || mirror.failures >= maxFailures) mirror.gone = error;
  }

  /** Why the last of them went. */
  lastError(): UpdateError | undefined {
    return this.#job.mirrors.findLast((mirror) => mirror.gone !== undefined)?.gone;
  }

  #best(mirrors: readonly Mirror[], now: number): Mirror | undefined {
    return mirrors
      .filter((mirror) => this.#means.health(mirror.url).retryAt <= now)
      .sort((a, b) => this.#badness(a, now) - this.#badness(b, now))[0];
  }

  /** A server without ranges comes after its equals once there is something to lose. */
  #badness(mirror: Mirror, now: number): number {
    const isWasteful = mirror.ranges === false && bytesIn(this.#job.sink.extents) > 0;
    return badness(this.#means.health(mirror.url), now) + (isWasteful ? 0.5 : 0);
  }
}
