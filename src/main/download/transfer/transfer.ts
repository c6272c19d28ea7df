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
 * Downloads the byte ranges missing from `sink`. Starts with the best available mirror, adds connections while they
 * increase throughput, and switches mirrors if one fails or another is clearly faster. Resolves with `undefined` when
 * all bytes are there. Resolves with a mirror whose copy changed to another edition, so that the caller discards its
 * earlier bytes and starts the transfer again.
 * @throws UpdateError of the last mirror when none is left; disk errors; the signal's reason
 */
export async function transfer(context: DownloadContext, job: TransferOptions): Promise<MirrorState | undefined> {
  return new Transfer(context, job).run();
}

/** New bytes that count as progress. A server that sends fewer and then breaks off has failed. */
const progressBytes = 64 * 1024;
/**
 * The share of a request's bytes that must be new; otherwise the request has failed. This bounds the cost of a whole
 * download.
 */
const progressShare = 1 / 8;
/** Bytes that a mirror may send twice before another mirror is preferred. */
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
    this.#startWorkers();
    const stopMonitoring = this.#monitor();
    await this.#ended.promise;
    stopMonitoring();
    signal.removeEventListener('abort', abort);
    if (this.#failure !== undefined) throw this.#failure.error;
    if (this.#changed !== undefined || this.#missing().length === 0) return this.#changed;
    signal.throwIfAborted();
    throw this.#selector.lastError() ?? noMirror();
  }

  /** Closes the other connections: the bytes are complete, or this transfer is obsolete. */
  #end(): void {
    this.#stop.abort(new UpdateError('CANCELLED', 'The transfer is over.'));
  }

  #fail(error: unknown): void {
    if (error === this.#stop.signal.reason) return;
    this.#failure ??= { error };
    this.#stop.abort(error);
  }

  // ── Connections ───────────────────────────────────────────────────────────────────────────────────────────────

  /** Starts as many workers as allowed. Each works until nothing is left for it. */
  #startWorkers(): void {
    while (this.#workers < this.#concurrency.allowed && !this.#stop.signal.aborted) this.#startWorker();
  }

  #startWorker(first?: Omit<ActiveRequest, 'leave'>): void {
    this.#workers++;
    void this.#runWorker(first)
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        if (this.#workers === 0) this.#ended.resolve();
      });
  }

  /**
   * There is no await between the last read of `#workers` and its decrement. Otherwise two workers could both leave,
   * each relying on the other.
   */
  async #runWorker(first?: Omit<ActiveRequest, 'leave'>): Promise<void> {
    try {
      if (first !== undefined) await this.#fetchFrom(first.mirror, first.segment);
      while (!this.#stop.signal.aborted && this.#workers <= this.#concurrency.allowed) {
        if (this.#missing().length === 0) return this.#end();
        const mirror = await this.#selector.next(this.#stop.signal);
        const segment = mirror === undefined ? undefined : this.#segmentFor(mirror);
        if (mirror === undefined || segment === undefined) return;
        await this.#fetchFrom(mirror, segment);
      }
    } finally {
      this.#workers--;
    }
  }

  async #fetchFrom(mirror: MirrorState, segment: Segment): Promise<void> {
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
      const result = await fetchSegment(context, mirror, segment);
      const kept = segment.received - before.kept;
      const hasProgress = kept >= progressBytes && kept >= (mirror.received - before.received) * progressShare;
      if (result.type === 'done' || hasProgress) {
        mirror.failures = 0;
        this.#context.updateHealth(mirror.url, recordSuccess);
      }
      this.#applyResult(result, mirror, location);
    } catch (error) {
      if (!connection.leave.signal.aborted || error !== connection.leave.signal.reason) throw error;
    } finally {
      this.#concludeProbe(mirror);
      this.#connections.delete(connection);
    }
  }

  #applyResult(result: SegmentResult, mirror: MirrorState, location: number): void {
    if (result.type === 'changed') {
      this.#changed ??= mirror;
      this.#end();
    } else if ('error' in result) {
      this.#selector.recordFailure(mirror, location, result);
      if (result.error.code === 'DOWNLOAD_HTTP_STATUS') this.#concurrency = reduceConcurrency(this.#concurrency);
    }
  }

  /**
   * Checks once per window whether another connection or another mirror would help. Returns a function that stops this.
   */
  #monitor(): () => void {
    const { clock, maxConnections } = this.#context.options;
    const evaluate = (): void => {
      const now = this.#context.now();
      const remaining = totalBytes(this.#missing());
      this.#rate = sampleRate(this.#rate, now, this.#received);
      if (!this.#probe.isOpen) {
        const max = this.#job.mirrors.some((mirror) => mirror.acceptsRanges === true) ? maxConnections : 1;
        this.#concurrency = adjustConcurrency(this.#concurrency, { now, received: this.#received, remaining, max });
        this.#startWorkers();
        this.#startProbe(now, remaining);
      } else this.#concludeProbe();
      cancel = clock.after(windowMs, evaluate);
    };
    let cancel = clock.after(windowMs, evaluate);
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

  /** Asks another mirror for a segment if the transfer will take long and no additional connections are being tried. */
  #startProbe(now: number, remaining: number): void {
    // No bytes at all count as a rate of 0: the transfer does not wait for a silent server.
    const { bytesPerSecond: rate = 0 } = this.#rate;
    const current = this.#probe.current();
    if (current === undefined || this.#concurrency.before !== undefined || this.#context.isThrottled) return;
    if (!shouldProbe(now - this.#since, rate, remaining)) return;
    const candidate = this.#selector.probeCandidate(current, now);
    const segment = candidate === undefined ? undefined : this.#segmentFor(candidate);
    if (candidate === undefined || segment === undefined) return;
    this.#probe.open(current, candidate, rate);
    this.#startWorker({ mirror: candidate, segment });
  }

  #concludeProbe(ended?: MirrorState): void {
    if (this.#probe.decide(ended))
      this.#concurrency = resetMeasurement(this.#concurrency, this.#context.now(), this.#received);
  }
}

function noMirror(): UpdateError {
  return new UpdateError('DOWNLOAD_NOT_FOUND', 'None of the servers has the file. Check the targets address.');
}
