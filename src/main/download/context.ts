import { wait } from '../../shared/wait.ts';
import { parseSecureUrl } from '../http/secure-url.ts';
import type { Clock, HttpClient, Logger } from '../ports.ts';
import { isQuarantined, type MirrorHealth } from './mirrors/mirror-health.ts';
import { MirrorHealthStore, type ClockReading } from './mirrors/mirror-health-store.ts';
import { consume, type TokenBucket, unthrottled } from './progress/bandwidth-limit.ts';

export interface DownloaderOptions {
  /** Base URLs of the targets, best first. All but the first are mirrors. */
  readonly baseUrls: readonly string[];
  readonly http: HttpClient;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Absolute path of the file that stores mirror health. @defaultValue mirror health is lost when the process ends */
  readonly mirrorsFile?: string;
  /**
   * Bandwidth cap of all downloads together, in bytes per second. Called again for every chunk; 0 means no cap.
   * @defaultValue no cap
   */
  readonly bytesPerSecond?: () => number | undefined;
  /**
   * The most connections to a server that supports ranges. Used only while more connections are faster. @defaultValue 4
   */
  readonly maxConnections?: number;
  /** See `HttpRequestOptions`. @defaultValue 15000 */
  readonly headersTimeoutMs?: number;
  /** See `HttpRequestOptions`. @defaultValue 20000 */
  readonly idleTimeoutMs?: number;
  /** A number in [0, 1) that spreads retries. @defaultValue Math.random */
  readonly random?: () => number;
  /** Milliseconds on a clock that never goes back. @defaultValue performance.now */
  readonly monotonic?: () => number;
}

/** A mirror's address. `base` is as configured; `url` lacks the credentials, which must not be logged or stored. */
export interface MirrorUrl {
  readonly url: string;
  readonly base: string;
}

/** A download counts as throttled for this long after it last waited for the cap, in milliseconds. */
const throttledMs = 2000;

/** What all downloads of one downloader share. */
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
    const readClocks = (): ClockReading => ({ wall: options.clock.now(), monotonic: this.now() });
    this.mirrorHealth = new MirrorHealthStore(options.mirrorsFile, readClocks, options.logger);
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

  /** The mirrors to ask. Mirrors that served corrupt bytes recently are left out, unless there are no others. */
  usableMirrors(): readonly MirrorUrl[] {
    const usable = this.mirrors.filter(({ url }) => !this.isQuarantined(url));
    return usable.length === 0 ? this.mirrors : usable;
  }

  updateHealth(url: string, change: (health: MirrorHealth) => MirrorHealth): void {
    this.mirrorHealth.update(url, change);
  }

  /** Whether the bandwidth cap, rather than the network, limits the rate at present. */
  get isThrottled(): boolean {
    return this.now() < this.#throttledUntil + throttledMs;
  }

  /** Accounts for received bytes. Returns `undefined` if the cap allows more at once, otherwise the wait. */
  consumeBandwidth(bytes: number, signal: AbortSignal): Promise<void> | undefined {
    const cap = this.#bytesPerSecond();
    if (cap === undefined || !(cap > 0)) return undefined;
    const { bucket, waitMs } = consume(this.#bucket, bytes, cap, this.now());
    this.#bucket = bucket;
    if (waitMs < 1) return undefined;
    this.#throttledUntil = this.now() + waitMs;
    return wait(this.options.clock, waitMs, signal);
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
