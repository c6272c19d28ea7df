import type { Clock, HttpClient, Logger, TargetListing, TrustOptions, TrustSummary } from '../ports.ts';
import type { TrustedTarget } from '../../shared/trusted-target.ts';

/**
 * Where trust begins (RSTUF guide, "TUF Client"). `embedded` and out-of-band roots are bytes; trust on first use
 * fetches `1.root.json` once and pins it for good.
 */
export type Anchor =
  | { readonly type: 'root'; readonly bytes: Uint8Array }
  | {
      readonly type: 'trust-on-first-use';
      /** Consents to trusting whatever the repository shows now, should the pinned root be lost. @defaultValue false */
      readonly again?: boolean;
    };

/** How content is named: `auto` asks for the consistent name where the repository has them, and the plain one else. */
export type HashPrefix = 'auto' | 'yes' | 'no';

export interface TufClientOptions {
  readonly anchor: Anchor;
  /**
   * Reads `trusted_root.json`: the authorities and logs that vouch for Sigstore identities among the keys. Called when the
   * first signature of one is met.
   * @defaultValue none: no Sigstore identity counts
   */
  readonly readTrustedRoot?: () => Promise<Uint8Array | undefined>;
  readonly metadataUrl: string;
  readonly targetsUrls: readonly string[];
  /** @defaultValue auto */
  readonly hashPrefix?: HashPrefix;
  /** Directory of the trust store; created with mode 0700. */
  readonly directory: string;
  readonly http: HttpClient;
  readonly clock: Clock;
  readonly logger: Logger;
  /** @defaultValue {@link defaultRetrySchedules} */
  readonly patience?: RetrySchedules;
}

/** Milliseconds to wait before each further look, by what the caller asks for. */
export type RetrySchedules = Readonly<Record<'quick' | 'long', readonly number[]>>;

/**
 * RSTUF may write the timestamp some milliseconds before the root or the role that it needs; a CDN may be behind for
 * longer.
 */
export const defaultRetrySchedules: RetrySchedules = { quick: [250], long: [250, 5_000, 30_000, 120_000] };

/** TUF alone: metadata and targets, without publisher signatures. Throws `TRUST_…` {@link UpdateError}s. */
export interface TufClient {
  /** TUF client workflow, spec 5.1 to 5.6. */
  refresh(options?: TrustOptions): Promise<TrustSummary>;
  /** Spec 5.6.7. Refreshes first when this client has not yet. @throws `TRUST_TARGET_UNKNOWN` */
  target(path: string, options?: TrustOptions): Promise<TrustedTarget>;
  /** Fetches a small target into memory and verifies it. @throws `TRUST_TOO_LARGE` when it is longer than `maxBytes` */
  read(target: TrustedTarget, maxBytes: number, options?: TrustOptions): Promise<Uint8Array>;
  /** Offline: a target as the stored metadata gives it, re-walked from the anchor, expiry ignored. */
  lookUpOffline(path: string): Promise<TrustedTarget | undefined>;
}

/** What publishers ask, too: they must know in which order the repository signed. */
export interface TufHistory {
  /**
   * What the role that lists a target has said of it, version by version, newest first, as of the last refresh. Ends early
   * where an older version cannot be verified.
   */
  history(path: string, options?: TrustOptions): AsyncIterable<TargetListing>;
  /**
   * What is signed for a path, although a role that lists it may have expired: publishing to that role is what renews it.
   * Nothing may be installed from it. `undefined` when no role lists it.
   */
  targetDespiteExpiry(path: string, options?: TrustOptions): Promise<TrustedTarget | undefined>;
  /** Whether a delegated role may list a path, as of the last refresh. */
  isCovered(path: string): Promise<boolean>;
}

/**
 * Named files that one of the locks remembers, written atomically under a lock that all processes share. Reading what is
 * missing, unreadable or not a file gives `undefined`: the store heals, it never disables updates.
 */
export interface TrustStore {
  read(name: string, maxBytes: number): Promise<Uint8Array | undefined>;
  /** A store that cannot be written (read-only home, full disk) is reported in the log, not thrown. */
  write(name: string, bytes: Uint8Array): Promise<void>;
  /**
   * Of the files for whose names `isDisposable` holds, removes those that were written longest ago, until the others have
   * at most `maxBytes` together; and what killed writes left. Call it as the only writer.
   */
  evict(isDisposable: (name: string) => boolean, maxBytes: number): Promise<void>;
  /** Runs `work` as the only writer across processes. */
  withLock<T>(work: () => Promise<T>, options?: TrustOptions): Promise<T>;
}
