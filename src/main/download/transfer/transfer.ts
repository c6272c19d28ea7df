import { UpdateError } from '../../../shared/errors.ts';
import { shouldProbe } from './probe-decision.ts';
import { totalBytes, type ByteRanges, gaps } from '../byte-ranges.ts';
import { fetchSegment, type SegmentResult } from './fetch-segment.ts';
import {
  adjustConcurrency,
  type Concurrency,
  reduceConcurrency,
  resetMeasurement,
  initialConcurrency,
  windowMs,
} from './concurrency.ts';
import { type Segment, minSegmentBytes, newSegment, assignSegment } from './segments.ts';
import type { DownloadContext } from '../context.ts';
import { MirrorSelector } from './mirror-selector.ts';
import { recordSuccess } from '../mirrors/mirror-health.ts';
import type { MirrorState } from './mirror-state.ts';
import { type RateEstimate, sampleRate, startRate } from '../progress/rate-estimator.ts';
import { type ActiveRequest, MirrorProbe } from './mirror-probe.ts';
import type { TransferOptions } from './transfer-options.ts';

/**
 * Fetches what the sink misses: from the best mirror that answers, over as many connections as help, changing mirrors in
 * mid-file when one fails or another is much faster. Resolves with a mirror whose copy became another edition, so that
 * what it gave before can be forgotten and the transfer begun anew; with `undefined` when all is there.
 * @throws UpdateError of the last mirror when none is left; disk errors; the signal's reason
 */
export async function transfer(context: DownloadContext, job: TransferOptions): Promise<MirrorState | undefined> {
  return new Transfer(context, job).run();
}

/** New bytes that count as progress: a server that gives fewer and breaks off has failed. */
const progressBytes = 64 * 1024;
/** Of what a request transfers, at least this share must be new, or it has failed too. Bounds what a whole download costs. */
const progressShare = 1 / 8;
/** Bytes that may be fetched in vain rather than ask another mirror. */
const tolerableWaste = 1024 * 1024;

class Transfer {
  readonly #context: DownloadContext;
  readonly #job: TransferOptions;
  readonly #selector: MirrorSelector;
  readonly #connections = new Set<ActiveRequest>();
  readonly #probe: MirrorProbe;
  readonly #stop = new AbortController();
  readonly #ended = Promise.withResolvers<void>();
  readonly #since: number;
  #workers = 0;
  #concurrency: Concurrency;
  #rate: RateEstimate;
  #received = 0;
  #changed: MirrorState | undefined;
  #failure: { readonly error: unknown } | undefined;

  constructor(context: DownloadContext, job: TransferOptions) {
    const onReceived = (bytes: number): void => {
      this.#received += bytes;
      job.onReceived(bytes);
    };
    this.#context = context;
    this.#job = { ...job, onReceived };
    this.#selector = new MirrorSelector(context, job);
    this.#probe = new MirrorProbe(context, this.#connections);
    this.#since = context.now();
    this.#concurrency = initialConcurrency(this.#since, job.connections);
    this.#rate = startRate(this.#since, 0);
  }

  async run(): Promise<MirrorState | undefined> {
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
    throw this.#selector.lastError() ?? noMirror();
  }

  /** Has the other connections closed: all is there, or nothing of this transfer is wanted any more. */
  #end(): void {
    this.#stop.abort(new UpdateError('CANCELLED', 'The transfer is over.'));
  }

  #fail(error: unknown): void {
    if (error === this.#stop.signal.reason) return;
    this.#failure ??= { error };
    this.#stop.abort(error);
  }

  // ── Connections ───────────────────────────────────────────────────────────────────────────────────────────────

  /** Starts as many connections as may run. Each works until nothing is left for it. */
  #hire(): void {
    while (this.#workers < this.#concurrency.allowed && !this.#stop.signal.aborted) this.#start();
  }

  #start(first?: Omit<ActiveRequest, 'leave'>): void {
    this.#workers++;
    void this.#work(first)
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        if (this.#workers === 0) this.#ended.resolve();
      });
  }

  /** Leaves without an await after the last look at `#workers`: two that leave at once would each count on the other. */
  async #work(first?: Omit<ActiveRequest, 'leave'>): Promise<void> {
    try {
      if (first !== undefined) await this.#serve(first.mirror, first.segment);
      while (!this.#stop.signal.aborted && this.#workers <= this.#concurrency.allowed) {
        if (this.#missing().length === 0) return this.#end();
        const mirror = await this.#selector.next(this.#stop.signal);
        const segment = mirror === undefined ? undefined : this.#segmentFor(mirror);
        if (mirror === undefined || segment === undefined) return;
        await this.#serve(mirror, segment);
      }
    } finally {
      this.#workers--;
    }
  }

  async #serve(mirror: MirrorState, segment: Segment): Promise<void> {
    const connection = { mirror, segment, leave: new AbortController() };
    const { location } = mirror;
    const before = { received: mirror.received, kept: segment.received };
    this.#connections.add(connection);
    const isAlone = this.#connections.size === 1;
    const context = {
      context: this.#context,
      job: this.#job,
      signal: AbortSignal.any([this.#stop.signal, connection.leave.signal]),
      wholeAllowed: isAlone && (segment.written <= tolerableWaste || !this.#selector.hasOtherWithRanges(mirror)),
      connections: () => this.#connections.size,
    };
    try {
      const outcome = await fetchSegment(context, mirror, segment);
      const kept = segment.received - before.kept;
      const isWorthIt = kept >= progressBytes && kept >= (mirror.received - before.received) * progressShare;
      if (outcome.type === 'done' || isWorthIt) {
        mirror.failures = 0;
        this.#context.updateHealth(mirror.url, recordSuccess);
      }
      this.#heed(outcome, mirror, location);
    } catch (error) {
      if (!connection.leave.signal.aborted || error !== connection.leave.signal.reason) throw error;
    } finally {
      this.#decide(mirror);
      this.#connections.delete(connection);
    }
  }

  #heed(outcome: SegmentResult, mirror: MirrorState, location: number): void {
    if (outcome.type === 'changed') {
      this.#changed ??= mirror;
      this.#end();
    } else if ('error' in outcome) {
      this.#selector.recordFailure(mirror, location, outcome);
      if (outcome.error.code === 'DOWNLOAD_HTTP_STATUS') this.#concurrency = reduceConcurrency(this.#concurrency);
    }
  }

  /** Looks once a window whether another connection, or another mirror, would help. */
  #lookNowAndThen(): () => void {
    const { clock, maxConnections } = this.#context.options;
    const look = (): void => {
      const now = this.#context.now();
      const remaining = totalBytes(this.#missing());
      this.#rate = sampleRate(this.#rate, now, this.#received);
      if (!this.#probe.isOpen) {
        const most = this.#job.mirrors.some((mirror) => mirror.acceptsRanges === true) ? maxConnections : 1;
        this.#concurrency = adjustConcurrency(this.#concurrency, { now, received: this.#received, remaining, most });
        this.#hire();
        this.#challenge(now, remaining);
      } else this.#decide();
      cancel = clock.after(windowMs, look);
    };
    let cancel = clock.after(windowMs, look);
    return () => cancel();
  }

  #missing(): ByteRanges {
    return gaps(this.#job.sink.ranges, { start: 0, end: this.#job.length });
  }

  #segmentFor(mirror: MirrorState): Segment | undefined {
    const segments = [...this.#connections].map(({ segment }) => segment);
    const perConnection = (this.#rate.bytesPerSecond ?? Infinity) / Math.max(1, segments.length);
    if (mirror.acceptsRanges !== false) {
      return assignSegment(this.#job.sink.ranges, this.#job.length, segments, minSegmentBytes(perConnection));
    }
    const first = this.#missing()[0];
    return segments.length > 0 || first === undefined
      ? undefined
      : newSegment({ start: first.start, end: this.#job.length });
  }

  // ── Faster mirrors ────────────────────────────────────────────────────────────────────────────────────────────

  /** Asks another mirror for a part, where the transfer will take long and more connections are not being tried. */
  #challenge(now: number, remaining: number): void {
    // Nothing yet is a rate too: a silent server needs not be waited for.
    const { bytesPerSecond: rate = 0 } = this.#rate;
    const current = this.#probe.current();
    if (current === undefined || this.#concurrency.before !== undefined || this.#context.isThrottled) return;
    if (!shouldProbe(now - this.#since, rate, remaining)) return;
    const candidate = this.#selector.probeCandidate(current, now);
    const segment = candidate === undefined ? undefined : this.#segmentFor(candidate);
    if (candidate === undefined || segment === undefined) return;
    this.#probe.open(current, candidate, rate);
    this.#start({ mirror: candidate, segment });
  }

  #decide(ended?: MirrorState): void {
    if (this.#probe.decide(ended))
      this.#concurrency = resetMeasurement(this.#concurrency, this.#context.now(), this.#received);
  }
}

function noMirror(): UpdateError {
  return new UpdateError(
    'DOWNLOAD_NOT_FOUND',
    'No server is left that could have the file. Check the targets address.',
  );
}
