import type { UpdateError } from '../../../shared/errors.ts';
import { wait } from '../../../shared/wait.ts';
import { totalBytes } from '../byte-ranges.ts';
import type { SegmentResult } from './fetch-segment.ts';
import type { DownloadContext } from '../context.ts';
import { penalty, isSlow, recordFailure } from '../mirrors/mirror-health.ts';
import type { MirrorState } from './mirror-state.ts';
import type { TransferOptions } from './transfer-options.ts';

/** After this many failures in a row without progress, the transfer stops asking the mirror. */
const maxFailures = 5;

/** Chooses which mirror a transfer asks. The downloader keeps each mirror's health for later transfers. */
export class MirrorSelector {
  readonly #context: DownloadContext;
  readonly #job: TransferOptions;

  constructor(context: DownloadContext, job: TransferOptions) {
    this.#context = context;
    this.#job = job;
    // A mirror that failed before a pause may work after it.
    for (const mirror of job.mirrors) {
      mirror.failures = 0;
      mirror.disabledBy = undefined;
    }
  }

  /** The best mirror that may be asked now. Waits for one if necessary. `undefined` if every mirror is disabled. */
  async next(signal: AbortSignal): Promise<MirrorState | undefined> {
    for (;;) {
      const now = this.#context.now();
      const enabled = this.#job.mirrors.filter((mirror) => mirror.disabledBy === undefined);
      if (enabled.length === 0) return undefined;
      const best = this.#best(enabled, now);
      if (best !== undefined) return best;
      const retryAt = enabled.map((mirror) => this.#context.health(mirror.url).retryAt);
      await wait(this.#context.options.clock, Math.min(...retryAt) - now, signal);
    }
  }

  /** The best mirror that might be faster than the current one. */
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

  /** Whether another enabled mirror may support ranges. */
  hasOtherWithRanges(mirror: MirrorState): boolean {
    return this.#job.mirrors.some(
      (other) => other !== mirror && other.disabledBy === undefined && other.acceptsRanges !== false,
    );
  }

  /** Records a failure. `location` is the location that was requested. */
  recordFailure(
    mirror: MirrorState,
    location: number,
    result: Extract<SegmentResult, { readonly error: UpdateError }>,
  ): void {
    const { error } = result;
    if (error.code === 'DOWNLOAD_NOT_FOUND' && location + 1 < this.#job.locations.length) {
      mirror.location = location + 1;
      return;
    }
    const { logger, random } = this.#context.options;
    logger.warn(`Mirror ${mirror.url}: ${error.message}`);
    mirror.failures++;
    const retryAfterMs = result.type === 'retry' ? result.retryAfterMs : undefined;
    this.#context.updateHealth(mirror.url, (health) =>
      recordFailure(health, this.#context.now(), random(), retryAfterMs),
    );
    if (result.type === 'next-mirror' || mirror.failures >= maxFailures) mirror.disabledBy = error;
  }

  /** The error that disabled the last mirror. */
  lastError(): UpdateError | undefined {
    return this.#job.mirrors.findLast((mirror) => mirror.disabledBy !== undefined)?.disabledBy;
  }

  #best(mirrors: readonly MirrorState[], now: number): MirrorState | undefined {
    return mirrors
      .filter((mirror) => this.#context.health(mirror.url).retryAt <= now)
      .sort((a, b) => this.#penaltyOf(a, now) - this.#penaltyOf(b, now))[0];
  }

  /** Once bytes are there, a server without ranges comes after its equals, because it would send them again. */
  #penaltyOf(mirror: MirrorState, now: number): number {
    const isWasteful = mirror.acceptsRanges === false && totalBytes(this.#job.sink.ranges) > 0;
    return penalty(this.#context.health(mirror.url), now) + (isWasteful ? 0.5 : 0);
  }
}
