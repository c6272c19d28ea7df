import type { UpdateError } from '../../../shared/errors.ts';
import { totalBytes } from '../byte-ranges.ts';
import type { SegmentResult } from './fetch-segment.ts';
import type { DownloadContext } from '../context.ts';
import { penalty, isSlow, recordFailure } from '../mirrors/mirror-health.ts';
import type { MirrorState } from './mirror-state.ts';
import type { TransferOptions } from './transfer-options.ts';

/** So many failures in a row, without progress between them, and a mirror is left alone. */
const maxFailures = 5;

/** Which mirror of a transfer to ask. What a mirror did is remembered by the room, for later transfers too. */
export class MirrorSelector {
  readonly #context: DownloadContext;
  readonly #job: TransferOptions;

  constructor(context: DownloadContext, job: TransferOptions) {
    this.#context = context;
    this.#job = job;
    // What failed before a pause may work after it.
    for (const mirror of job.mirrors) Object.assign(mirror, { failures: 0, gone: undefined });
  }

  /** The best mirror that may be asked now; waits for one if it must. `undefined` when all are gone. */
  async next(signal: AbortSignal): Promise<MirrorState | undefined> {
    for (;;) {
      const now = this.#context.now();
      const here = this.#job.mirrors.filter((mirror) => mirror.disabledBy === undefined);
      if (here.length === 0) return undefined;
      const best = this.#best(here, now);
      if (best !== undefined) return best;
      const retryAt = here.map((mirror) => this.#context.health(mirror.url).retryAt);
      await this.#context.wait(Math.min(...retryAt) - now, signal);
    }
  }

  /** The best mirror that might turn out faster than the one in use. */
  probeCandidate(current: MirrorState, now: number): MirrorState | undefined {
    const candidates = this.#job.mirrors.filter(
      (mirror) =>
        mirror !== current &&
        mirror.disabledBy === undefined &&
        mirror.acceptsRanges !== false &&
        mirror.nextProbeAt <= now &&
        !isSlow(this.#context.health(mirror.url), now) &&
        !this.#context.isQuarantined(mirror.url),
    );
    return this.#best(candidates, now);
  }

  /** Is there a mirror besides this one that may have ranges? */
  hasOtherWithRanges(mirror: MirrorState): boolean {
    return this.#job.mirrors.some(
      (other) => other !== mirror && other.disabledBy === undefined && other.acceptsRanges !== false,
    );
  }

  /** Takes note of a failure. `location` is the one that was asked. */
  recordFailure(
    mirror: MirrorState,
    location: number,
    outcome: Extract<SegmentResult, { readonly error: UpdateError }>,
  ): void {
    const { error } = outcome;
    if (error.code === 'DOWNLOAD_NOT_FOUND' && location + 1 < this.#job.locations.length) {
      mirror.location = location + 1;
      return;
    }
    const { logger, random } = this.#context.options;
    logger.warn(`Mirror ${mirror.url}: ${error.message}`);
    mirror.failures++;
    const retryAfterMs = outcome.type === 'later' ? outcome.retryAfterMs : undefined;
    this.#context.updateHealth(mirror.url, (health) =>
      recordFailure(health, this.#context.now(), random(), retryAfterMs),
    );
    if (outcome.type === 'elsewhere' || mirror.failures >= maxFailures) mirror.disabledBy = error;
  }

  /** Why the last of them went. */
  lastError(): UpdateError | undefined {
    return this.#job.mirrors.findLast((mirror) => mirror.disabledBy !== undefined)?.disabledBy;
  }

  #best(mirrors: readonly MirrorState[], now: number): MirrorState | undefined {
    return mirrors
      .filter((mirror) => this.#context.health(mirror.url).retryAt <= now)
      .sort((a, b) => this.#badness(a, now) - this.#badness(b, now))[0];
  }

  /** A server without ranges comes after its equals once there is something to lose. */
  #badness(mirror: MirrorState, now: number): number {
    const isWasteful = mirror.acceptsRanges === false && totalBytes(this.#job.sink.ranges) > 0;
    return penalty(this.#context.health(mirror.url), now) + (isWasteful ? 0.5 : 0);
  }
}
