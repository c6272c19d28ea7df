import { UpdateError } from '../../shared/errors.ts';
import { bytesIn, type Extents, missingIn } from './extents.ts';
import { fetchLease, type LeaseOutcome } from './fetch-lease.ts';
import { grow, type Growth, halve, startGrowth, windowMs } from './growth.ts';
import type { PartSource } from './journal.ts';
import { type Lease, takeLease } from './leases.ts';
import type { Means } from './means.ts';
import { badness, noteFailure, noteSuccess } from './mirrors.ts';

/** What a transfer fills. Its extents say what needs not be fetched. */
export interface Sink {
  readonly extents: Extents;
  /** @throws UpdateError `DOWNLOAD_DISK_FULL`, `DOWNLOAD_DISK` */
  write(at: number, chunks: readonly Uint8Array[], source: PartSource): Promise<void>;
}

/** A mirror within one transfer. */
export interface Mirror {
  readonly url: string;
  /** The same, with credentials if there are any. */
  readonly base: string;
  /** Which of the target's locations it has; moves on after each "not found". */
  location: number;
  /** The strong validator of what it serves, once known. */
  validator: string | undefined;
  /** How often the validator changed; one that keeps changing says nothing. */
  changes: number;
  /** Whether it serves ranges, once known. */
  ranges: boolean | undefined;
  /** Failures since it last gave bytes worth the request. */
  failures: number;
  /** Why it is of no more use to this transfer. */
  gone: UpdateError | undefined;
}

export interface TransferJob {
  /** Bytes of the whole object. */
  readonly length: number;
  /** Relative to a mirror's URL, in the order to try. */
  readonly locations: readonly string[];
  readonly mirrors: readonly Mirror[];
  readonly sink: Sink;
  /** To begin with. @defaultValue 1 */
  readonly connections?: number;
  readonly signal: AbortSignal;
  /** Bytes that have just been received. */
  readonly onReceived: (bytes: number) => void;
  readonly onRequest: () => void;
}

/**
 * Fetches what the sink misses: from the best mirror that answers, over as many connections as help, changing mirrors in
 * mid-file when one fails. Resolves with a mirror whose copy became another edition, so that what it gave before can be
 * forgotten and the transfer begun anew; with `undefined` when all is there.
 * @throws UpdateError of the last mirror when none is left; disk errors; the signal's reason
 */
export async function transfer(means: Means, job: TransferJob): Promise<Mirror | undefined> {
  return new Transfer(means, job).run();
}

/** So many failures in a row, without progress between them, and a mirror is left alone. */
const maxFailures = 5;
/** Bytes that count as progress: a server that gives less and breaks off has failed. */
const progressBytes = 64 * 1024;
/** Bytes that may be fetched in vain rather than ask another mirror. */
const tolerableWaste = 1024 * 1024;

class Transfer {
  readonly #means: Means;
  readonly #job: TransferJob;
  readonly #leases = new Set<Lease>();
  readonly #stop = new AbortController();
  readonly #ended = Promise.withResolvers<void>();
  #workers = 0;
  #growth: Growth;
  #received = 0;
  #result: { readonly changed: Mirror | undefined } | undefined;
  #failure: { readonly error: unknown } | undefined;

  constructor(means: Means, job: TransferJob) {
    this.#means = means;
    this.#growth = startGrowth(means.now(), job.connections);
    const onReceived = (bytes: number): void => {
      this.#received += bytes;
      job.onReceived(bytes);
    };
    this.#job = { ...job, onReceived };
  }

  async run(): Promise<Mirror | undefined> {
    const { signal } = this.#job;
    const abort = (): void => this.#stop.abort(signal.reason);
    signal.throwIfAborted();
    // What failed before a pause may work after it.
    for (const mirror of this.#job.mirrors) Object.assign(mirror, { failures: 0, gone: undefined });
    signal.addEventListener('abort', abort);
    this.#hire();
    const stopLooking = this.#lookAtRate();
    await this.#ended.promise;
    stopLooking();
    signal.removeEventListener('abort', abort);
    if (this.#failure !== undefined) throw this.#failure.error;
    if (this.#result !== undefined) return this.#result.changed;
    signal.throwIfAborted();
    throw this.#job.mirrors.findLast((mirror) => mirror.gone !== undefined)?.gone ?? noMirror();
  }

  #end(changed?: Mirror): void {
    this.#result ??= { changed };
    this.#stop.abort(new UpdateError('DOWNLOAD_CANCELLED', 'The transfer is over.'));
  }

  #fail(error: unknown): void {
    if (error === this.#stop.signal.reason) return;
    this.#failure ??= { error };
    this.#stop.abort(error);
  }

  // ── Connections ───────────────────────────────────────────────────────────────────────────────────────────────

  /** Starts as many connections as may run. Each works until nothing is left for it. */
  #hire(): void {
    while (this.#workers < this.#growth.allowed) {
      this.#workers++;
      void this.#work()
        .catch((error: unknown) => this.#fail(error))
        .finally(() => {
          this.#workers--;
          if (this.#workers === 0) this.#ended.resolve();
        });
    }
  }

  async #work(): Promise<void> {
    while (!this.#stop.signal.aborted && this.#workers <= this.#growth.allowed) {
      if (this.#missing().length === 0) return this.#end();
      const mirror = await this.#nextMirror();
      const lease = mirror === undefined ? undefined : this.#lease(mirror);
      if (mirror === undefined || lease === undefined) return;
      this.#leases.add(lease);
      try {
        await this.#serve(mirror, lease);
      } finally {
        this.#leases.delete(lease);
      }
    }
  }

  async #serve(mirror: Mirror, lease: Lease): Promise<void> {
    const { location } = mirror;
    const before = this.#received;
    const context = {
      means: this.#means,
      job: this.#job,
      signal: this.#stop.signal,
      wholeAllowed: this.#leases.size === 1 && (lease.at <= tolerableWaste || !this.#otherHasRanges(mirror)),
    };
    const outcome = await fetchLease(context, mirror, lease);
    if (outcome.type === 'done' || this.#received - before >= progressBytes) {
      mirror.failures = 0;
      this.#means.note(mirror.url, noteSuccess);
    }
    if (outcome.type === 'changed') this.#end(mirror);
    if (outcome.type === 'later' || outcome.type === 'elsewhere') this.#setBack(mirror, location, outcome);
  }

  /** Looks once a window whether another connection would help. */
  #lookAtRate(): () => void {
    const { clock, maxConnections } = this.#means.options;
    const look = (): void => {
      const most = this.#job.mirrors.some((mirror) => mirror.ranges === true) ? maxConnections : 1;
      const remaining = bytesIn(this.#missing());
      this.#growth = grow(this.#growth, { now: this.#means.now(), received: this.#received, remaining, most });
      this.#hire();
      cancel = clock.after(windowMs, look);
    };
    let cancel = clock.after(windowMs, look);
    return () => cancel();
  }

  #missing(): Extents {
    return missingIn(this.#job.sink.extents, { at: 0, end: this.#job.length });
  }

  #lease(mirror: Mirror): Lease | undefined {
    if (mirror.ranges !== false) return takeLease(this.#job.sink.extents, this.#job.length, this.#leases);
    const first = this.#missing()[0];
    return this.#leases.size > 0 || first === undefined ? undefined : { at: first.at, end: this.#job.length };
  }

  // ── Mirrors ───────────────────────────────────────────────────────────────────────────────────────────────────

  /** The best mirror that may be asked now; waits for one if it must. `undefined` when all are gone. */
  async #nextMirror(): Promise<Mirror | undefined> {
    for (;;) {
      const now = this.#means.now();
      const here = this.#job.mirrors.filter((mirror) => mirror.gone === undefined);
      if (here.length === 0) return undefined;
      const retryAt = (mirror: Mirror): number => this.#means.health(mirror.url).retryAt;
      const ready = here.filter((mirror) => retryAt(mirror) <= now);
      const best = ready.sort((a, b) => this.#badness(a, now) - this.#badness(b, now))[0];
      if (best !== undefined) return best;
      await this.#means.wait(Math.min(...here.map(retryAt)) - now, this.#stop.signal);
    }
  }

  /** A server without ranges comes after its equals once there is something to lose. */
  #badness(mirror: Mirror, now: number): number {
    const wasteful = mirror.ranges === false && this.#job.sink.extents.length > 0;
    return badness(this.#means.health(mirror.url), now) + (wasteful ? 0.5 : 0);
  }

  #otherHasRanges(mirror: Mirror): boolean {
    return this.#job.mirrors.some((other) => other !== mirror && other.gone === undefined && other.ranges !== false);
  }

  #setBack(mirror: Mirror, location: number, outcome: Extract<LeaseOutcome, { readonly error: UpdateError }>): void {
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
    if (error.code === 'DOWNLOAD_HTTP_STATUS') this.#growth = halve(this.#growth);
  }
}

function noMirror(): UpdateError {
  return new UpdateError(
    'DOWNLOAD_NOT_FOUND',
    'No server is left that could have the file. Check the targets address.',
  );
}
