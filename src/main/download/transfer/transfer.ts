import { UpdateError } from '../../../shared/errors.ts';
import { isWorthContest } from './probe-decision.ts';
import { bytesIn, type Extents, missingIn } from '../byte-ranges.ts';
import { fetchLease, type LeaseOutcome } from './fetch-segment.ts';
import { grow, type Growth, halve, restart, startGrowth, windowMs } from './concurrency.ts';
import { type Lease, leastLease, startLease, takeLease } from './segments.ts';
import type { Means } from '../context.ts';
import { MirrorChoice } from './mirror-selector.ts';
import { noteSuccess } from '../mirrors/mirror-health.ts';
import type { Mirror } from './mirror-state.ts';
import { type RateEstimate, sampleRate, startRate } from '../progress/rate-estimator.ts';
import { type Connection, Rivalry } from './mirror-probe.ts';
import type { TransferJob } from './transfer-options.ts';

/**
 * Fetches what the sink misses: from the best mirror that answers, over as many connections as help, changing mirrors in
 * mid-file when one fails or another is much faster. Resolves with a mirror whose copy became another edition, so that
 * what it gave before can be forgotten and the transfer begun anew; with `undefined` when all is there.
 * @throws UpdateError of the last mirror when none is left; disk errors; the signal's reason
 */
export async function transfer(means: Means, job: TransferJob): Promise<Mirror | undefined> {
  return new Transfer(means, job).run();
}

/** Bytes that count as progress: a server that gives less and breaks off has failed. */
const progressBytes = 64 * 1024;
/** Bytes that may be fetched in vain rather than ask another mirror. */
const tolerableWaste = 1024 * 1024;

class Transfer {
  readonly #means: Means;
  readonly #job: TransferJob;
  readonly #choice: MirrorChoice;
  readonly #connections = new Set<Connection>();
  readonly #rivalry: Rivalry;
  readonly #stop = new AbortController();
  readonly #ended = Promise.withResolvers<void>();
  readonly #since: number;
  #workers = 0;
  #growth: Growth;
  #rate: RateEstimate;
  #received = 0;
  #changed: Mirror | undefined;
  #failure: { readonly error: unknown } | undefined;

  constructor(means: Means, job: TransferJob) {
    const onReceived = (bytes: number): void => {
      this.#received += bytes;
      job.onReceived(bytes);
    };
    this.#means = means;
    this.#job = { ...job, onReceived };
    this.#choice = new MirrorChoice(means, job);
    this.#rivalry = new Rivalry(means, this.#connections);
    this.#since = means.now();
    this.#growth = startGrowth(this.#since, job.connections);
    this.#rate = startRate(this.#since, 0);
  }

  async run(): Promise<Mirror | undefined> {
    const { signal } = this.#job;
    const abort = (): void => this.#stop.abort(signal.reason);
    signal.throwIfAborted();
    signal.addEventListener('abort', abort);
    this.#hire();
    const stopLooking = this.#lookNowAndThen();
    await this.#ended.promise;
    stopLooking();
    signal.removeEventListener('abort', abort);
    if (this.#failure !== undefined) throw this.#failure.error;
    if (this.#changed !== undefined || this.#missing().length === 0) return this.#changed;
    signal.throwIfAborted();
    throw this.#choice.lastError() ?? noMirror();
  }

  /** Has the other connections closed: all is there, or nothing of this transfer is wanted any more. */
  #end(): void {
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
    while (this.#workers < this.#growth.allowed && !this.#stop.signal.aborted) this.#start();
  }

  #start(first?: Omit<Connection, 'leave'>): void {
    this.#workers++;
    void this.#work(first)
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        if (this.#workers === 0) this.#ended.resolve();
      });
  }

  /** Leaves without an await after the last look at `#workers`: two that leave at once would each count on the other. */
  async #work(first?: Omit<Connection, 'leave'>): Promise<void> {
    try {
      if (first !== undefined) await this.#serve(first.mirror, first.lease);
      while (!this.#stop.signal.aborted && this.#workers <= this.#growth.allowed) {
        if (this.#missing().length === 0) return this.#end();
        const mirror = await this.#choice.next(this.#stop.signal);
        const lease = mirror === undefined ? undefined : this.#lease(mirror);
        if (mirror === undefined || lease === undefined) return;
        await this.#serve(mirror, lease);
      }
    } finally {
      this.#workers--;
    }
  }

  async #serve(mirror: Mirror, lease: Lease): Promise<void> {
    const connection = { mirror, lease, leave: new AbortController() };
    const { location } = mirror;
    const before = mirror.received;
    this.#connections.add(connection);
    const isAlone = this.#connections.size === 1;
    const context = {
      means: this.#means,
      job: this.#job,
      signal: AbortSignal.any([this.#stop.signal, connection.leave.signal]),
      wholeAllowed: isAlone && (lease.at <= tolerableWaste || !this.#choice.hasOtherWithRanges(mirror)),
      connections: () => this.#connections.size,
    };
    try {
      const outcome = await fetchLease(context, mirror, lease);
      if (outcome.type === 'done' || mirror.received - before >= progressBytes) {
        mirror.failures = 0;
        this.#means.note(mirror.url, noteSuccess);
      }
      this.#heed(outcome, mirror, location);
    } catch (error) {
      if (!connection.leave.signal.aborted || error !== connection.leave.signal.reason) throw error;
    } finally {
      this.#decide(mirror);
      this.#connections.delete(connection);
    }
  }

  #heed(outcome: LeaseOutcome, mirror: Mirror, location: number): void {
    if (outcome.type === 'changed') {
      this.#changed ??= mirror;
      this.#end();
    } else if ('error' in outcome) {
      this.#choice.setBack(mirror, location, outcome);
      if (outcome.error.code === 'DOWNLOAD_HTTP_STATUS') this.#growth = halve(this.#growth);
    }
  }

  /** Looks once a window whether another connection, or another mirror, would help. */
  #lookNowAndThen(): () => void {
    const { clock, maxConnections } = this.#means.options;
    const look = (): void => {
      const now = this.#means.now();
      const remaining = bytesIn(this.#missing());
      this.#rate = sampleRate(this.#rate, now, this.#received);
      if (!this.#rivalry.isOpen) {
        const most = this.#job.mirrors.some((mirror) => mirror.ranges === true) ? maxConnections : 1;
        this.#growth = grow(this.#growth, { now, received: this.#received, remaining, most });
        this.#hire();
        this.#challenge(now, remaining);
      } else this.#decide();
      cancel = clock.after(windowMs, look);
    };
    let cancel = clock.after(windowMs, look);
    return () => cancel();
  }

  #missing(): Extents {
    return missingIn(this.#job.sink.extents, { at: 0, end: this.#job.length });
  }

  #lease(mirror: Mirror): Lease | undefined {
    const leases = [...this.#connections].map(({ lease }) => lease);
    const perConnection = (this.#rate.bytesPerSecond ?? Infinity) / Math.max(1, leases.length);
    if (mirror.ranges !== false) {
      return takeLease(this.#job.sink.extents, this.#job.length, leases, leastLease(perConnection));
    }
    const first = this.#missing()[0];
    return leases.length > 0 || first === undefined ? undefined : startLease({ at: first.at, end: this.#job.length });
  }

  // ── Faster mirrors ────────────────────────────────────────────────────────────────────────────────────────────

  /** Asks another mirror for a part, where the transfer will take long and more connections are not being tried. */
  #challenge(now: number, remaining: number): void {
    // Nothing yet is a rate too: a silent server needs not be waited for.
    const { bytesPerSecond: rate = 0 } = this.#rate;
    const incumbent = this.#rivalry.incumbent();
    if (incumbent === undefined || this.#growth.before !== undefined || this.#means.isHeldBack) return;
    if (!isWorthContest(now - this.#since, rate, remaining)) return;
    const challenger = this.#choice.challenger(incumbent, now);
    const lease = challenger === undefined ? undefined : this.#lease(challenger);
    if (challenger === undefined || lease === undefined) return;
    this.#rivalry.open(incumbent, challenger, rate);
    this.#start({ mirror: challenger, lease });
  }

  #decide(ended?: Mirror): void {
    if (this.#rivalry.decide(ended)) this.#growth = restart(this.#growth, this.#means.now(), this.#received);
  }
}

function noMirror(): UpdateError {
  return new UpdateError(
    'DOWNLOAD_NOT_FOUND',
    'No server is left that could have the file. Check the targets address.',
  );
}
