import { parseSecureUrl } from '../http/secure-url.ts';
import type { Clock, HttpClient, Logger } from '../ports.ts';
import { isQuarantined, type MirrorHealth } from './mirrors/mirror-health.ts';
import { MirrorHealthStore, type ClockReading } from './mirrors/mirror-health-store.ts';
import { consume, type TokenBucket, unthrottled } from './progress/bandwidth-limit.ts';

export interface DownloaderOptions {
  /** Where targets are, best first; the others are mirrors. */
  readonly baseUrls: readonly string[];
  readonly http: HttpClient;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Absolute path of a file that keeps the health of mirrors. @defaultValue it ends with the process */
  readonly mirrorsFile?: string;
  /** The bandwidth cap of all downloads together, in bytes per second; asked anew all the time; 0 is none. @defaultValue no cap */
  readonly bytesPerSecond?: () => number | undefined;
  /** Connections to a server that has ranges, where more than one is faster. @defaultValue 4 */
  readonly maxConnections?: number;
  /** See `HttpRequestOptions`. @defaultValue 15000 */
  readonly headersTimeoutMs?: number;
  /** See `HttpRequestOptions`. @defaultValue 20000 */
  readonly idleTimeoutMs?: number;
  /** In [0, 1); spreads retries. @defaultValue Math.random */
  readonly random?: () => number;
  /** Milliseconds that only ever grow. @defaultValue performance.now */
  readonly monotonic?: () => number;
}

/** A mirror's address: `base` as configured, `url` without what must not be logged or stored. */
export interface MirrorUrl {
  readonly url: string;
  readonly base: string;
}

/** How long after a wait for the cap the pace is still the cap's, in milliseconds. */
const throttledMs = 2000;

/** What all downloads of a room share. */
export class DownloadContext {
  readonly options: Required<Omit<DownloaderOptions, 'bytesPerSecond' | 'mirrorsFile'>>;
  readonly mirrors: readonly MirrorUrl[];
  readonly mirrorHealth: MirrorHealthStore;
  readonly #bytesPerSecond: () => number | undefined;
  #bucket: TokenBucket = unthrottled;
  #throttledUntil = Number.NEGATIVE_INFINITY;

  constructor(options: DownloaderOptions) {
    this.mirrors = options.baseUrls.map(mirrorUrl);
    this.#bytesPerSecond = options.bytesPerSecond ?? (() => undefined);
    this.options = {
      maxConnections: 4,
      headersTimeoutMs: 15_000,
      idleTimeoutMs: 20_000,
      random: Math.random,
      monotonic: () => performance.now(),
      ...options,
    };
    const moment = (): ClockReading => ({ wall: options.clock.now(), monotonic: this.now() });
    this.mirrorHealth = new MirrorHealthStore(options.mirrorsFile, moment, options.logger);
  }

  /** Milliseconds on a monotonic clock. */
  now(): number {
    return this.options.monotonic();
  }

  health(url: string): MirrorHealth {
    return this.mirrorHealth.get(url);
  }

  isQuarantined(url: string): boolean {
    return isQuarantined(this.health(url), this.now());
  }

  /** The mirrors to ask: those that gave corrupt bytes lately only if there are no others. */
  usableMirrors(): readonly MirrorUrl[] {
    const honest = this.mirrors.filter(({ url }) => !this.isQuarantined(url));
    return honest.length === 0 ? this.mirrors : honest;
  }

  updateHealth(url: string, change: (health: MirrorHealth) => MirrorHealth): void {
    this.mirrorHealth.update(url, change);
  }

  /** Whether the cap, and not the network, has just set the pace. */
  get isThrottled(): boolean {
    return this.now() < this.#throttledUntil + throttledMs;
  }

  /** Accounts for received bytes; `undefined` when the cap allows more at once. */
  consumeBandwidth(bytes: number, signal: AbortSignal): Promise<void> | undefined {
    const cap = this.#bytesPerSecond();
    if (cap === undefined || !(cap > 0)) return undefined;
    const { bucket: throttle, waitMs } = consume(this.#bucket, bytes, cap, this.now());
    this.#bucket = throttle;
    if (waitMs < 1) return undefined;
    this.#throttledUntil = this.now() + waitMs;
    return this.wait(waitMs, signal);
  }

  /** @throws the signal's reason when it aborts */
  async wait(ms: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { promise, resolve } = Promise.withResolvers<void>();
    const wake = (): void => resolve();
    const cancel = this.options.clock.after(ms, wake);
    signal.addEventListener('abort', wake);
    await promise;
    signal.removeEventListener('abort', wake);
    cancel();
    signal.throwIfAborted();
  }
}

function mirrorUrl(address: string): MirrorUrl {
  const url = parseSecureUrl(address);
  url.search = '';
  url.hash = '';
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  const base = url.href;
  url.username = '';
  url.password = '';
  return { url: url.href, base };
}
