import { anySignal } from '../../../shared/any-signal.ts';
import { omitUndefined } from '../../../shared/omit-undefined.ts';
import { toUpdateError, UpdateError } from '../../../shared/errors.ts';
import type { TrustedTarget } from '../../../shared/trusted-target.ts';
import type { TargetListing, TrustOptions, TrustSummary } from '../../ports.ts';
import {
  defaultRetrySchedules,
  type TrustStore,
  type TufClient,
  type TufClientOptions,
  type TufHistory,
} from '../contract.ts';
import { createIdentityVerifier, type IdentityVerifier } from '../sigstore/identity-verifier.ts';
import { createWriteThroughStore, type WriteThroughStore } from '../write-through-store.ts';
import { clockWarning, explainExpiry } from './workflow/clock-skew.ts';
import { findTarget } from './workflow/find-target.ts';
import { pinnedRoot } from './workflow/trust-on-first-use.ts';
import { limits } from './metadata/limits.ts';
import { firstUsePlace, locateLineage } from './store/root-lineage.ts';
import { createMetadataCache, type MetadataCache } from './store/metadata-cache.ts';
import { type FetchOptions, fetchBytes, type FetchStats } from './fetch/fetch-metadata.ts';
import { createTrustedTarget, type SignedTarget } from './workflow/create-trusted-target.ts';
import { retryWhileUnsettled } from './fetch/retry-unsettled.ts';
import { fetchTargetBytes } from './fetch/fetch-target.ts';
import { targetHistory } from './workflow/target-history.ts';
import { refreshMetadata, type RefreshOptions, type TrustedMetadata } from './workflow/refresh.ts';
import { openTrustStore } from './store/trust-store.ts';
import { delay } from './fetch/delay.ts';

/** The result of one walk through the metadata. */
interface Walk {
  readonly metadata: TrustedMetadata;
  /** The device's time at the start of the walk. */
  readonly now: number;
  readonly stats: FetchStats;
}

/** A TUF client over HTTP. @throws UpdateError with `TRUST_…` codes from its methods */
export class HttpTufClient implements TufClient, TufHistory {
  readonly #store: TrustStore;
  readonly #options: TufClientOptions;
  readonly #metadataUrl: string;
  /** The directory for a root that is pinned at first use. */
  readonly #firstUse: ReturnType<typeof firstUsePlace>;
  readonly #writeThrough: WriteThroughStore;
  readonly #identities: IdentityVerifier;
  /** A root that was pinned at first use stays pinned in this process, even if the store cannot be written. */
  #pinned: Uint8Array | undefined;
  #last: Walk | undefined;

  constructor(options: TufClientOptions) {
    const { anchor, directory, logger, readTrustedRoot = noTrustedRoot } = options;
    this.#options = options;
    this.#metadataUrl = asDirectory(options.metadataUrl);
    const firstUse = firstUsePlace(directory, this.#metadataUrl);
    this.#firstUse = firstUse;
    this.#store = openTrustStore(
      async () => (anchor.type === 'root' ? locateLineage(directory, anchor.bytes, logger) : firstUse),
      logger,
    );
    this.#identities = createIdentityVerifier(readTrustedRoot, logger);
    this.#writeThrough = createWriteThroughStore(this.#store, limits.targets.bytes);
  }

  async refresh(settings?: TrustOptions): Promise<TrustSummary> {
    return summarise(await this.#withRetry(settings, (before) => this.#walk(settings, before > 0)));
  }

  async target(path: string, settings?: TrustOptions): Promise<TrustedTarget> {
    const target = await this.#withRetry(settings, async (before) => {
      const found = this.#last === undefined || before > 0 ? await this.#walk(settings, before > 0) : this.#last;
      const { metadata, stats } = found;
      const sources = this.#sources(stats, settings, before > 0);
      return withClockHint(found, () => this.#lookUp(metadata.from(sources), path));
    });
    if (target !== undefined) return target;
    throw new UpdateError(
      'TRUST_TARGET_UNKNOWN',
      `The repository does not list ${path.slice(0, 300)}. Check the name, or publish it first.`,
      { details: { target: path.slice(0, 300) } },
    );
  }

  async *history(path: string, settings?: TrustOptions): AsyncGenerator<TargetListing, void, undefined> {
    const { metadata } = this.#last ?? (await this.#walk(settings, false));
    const sources = this.#sources({ requests: 0, bytes: 0 }, settings, false);
    for await (const { signed, ...listing } of targetHistory(metadata.from(sources), path, sources.fetch)) {
      yield { ...listing, target: signed && this.#trusted(signed, metadata) };
    }
  }

  async targetDespiteExpiry(path: string, settings?: TrustOptions): Promise<TrustedTarget | undefined> {
    return withErrorCode(async () => {
      const sources = this.#sources({ requests: 0, bytes: 0 }, settings, false);
      const anchor = await this.#anchorBytes(() => sources.fetch('1.root.json', limits.root.bytes));
      // A walk of its own: what it loads is in no other lookup.
      return this.#lookUp(await refreshMetadata({ anchor, now: -Infinity, ...sources }), path);
    });
  }

  async isCovered(path: string): Promise<boolean> {
    const { metadata } = this.#last ?? (await this.#walk(undefined, false));
    for (const _role of metadata.targets.delegations?.rolesFor(path) ?? []) return true;
    return false;
  }

  async read(target: TrustedTarget, maxBytes: number, settings?: TrustOptions): Promise<Uint8Array> {
    return withErrorCode(() => {
      const options = this.#fetchOptions({ requests: 0, bytes: 0 }, settings, false);
      return fetchTargetBytes(target, maxBytes, this.#options.targetsUrls.map(asDirectory), options);
    });
  }

  async lookUpOffline(path: string): Promise<TrustedTarget | undefined> {
    return withErrorCode(async () => {
      const cache = createMetadataCache(this.#store, this.#writeThrough);
      try {
        const anchor = await this.#anchorBytes(() => Promise.resolve(undefined));
        const metadata = await refreshMetadata({
          anchor,
          identities: this.#identities,
          cache,
          now: -Infinity,
          fetch: undefined,
        });
        return await this.#lookUp(metadata, path);
      } catch (error) {
        if (error instanceof UpdateError && ['TRUST_SERVER', 'TRUST_FILE_MISSING'].includes(error.code))
          return undefined;
        throw error;
      }
    });
  }

  async #walk(settings: TrustOptions | undefined, uncached: boolean): Promise<Walk> {
    const { clock, logger } = this.#options;
    const [stats, now]: [FetchStats, number] = [{ requests: 0, bytes: 0 }, clock.now()];
    const sources = this.#sources(stats, settings, uncached);
    const metadata = await withClockHint({ now, stats }, async () => {
      const anchor = await this.#anchorBytes(() => sources.fetch('1.root.json', limits.root.bytes));
      return refreshMetadata({ anchor, identities: this.#identities, now, ...sources });
    });
    const warning = clockWarning(now, stats.serverTime);
    if (warning !== undefined) logger.warn(warning);
    this.#last = { metadata, now, stats };
    return this.#last;
  }

  /** Tries again while the repository may be unsettled. The signal also ends the wait. */
  #withRetry<T>(settings: TrustOptions | undefined, attempt: (before: number) => Promise<T>): Promise<T> {
    const { clock, logger, patience = defaultRetrySchedules } = this.#options;
    return withErrorCode(() =>
      retryWhileUnsettled(attempt, patience[settings?.patience ?? 'quick'], async (ms) => {
        logger.debug(`the repository may be changing: trying again in ${ms} ms`);
        return delay(clock, ms, settings);
      }),
    );
  }

  async #lookUp(found: TrustedMetadata, path: string): Promise<TrustedTarget | undefined> {
    const target = await findTarget(found, path);
    return target && this.#trusted(target.signed, found);
  }

  #trusted(signed: SignedTarget, { root }: TrustedMetadata): TrustedTarget {
    return createTrustedTarget(signed, this.#options.hashPrefix ?? 'auto', root.consistentSnapshot);
  }

  async #anchorBytes(fetch: () => Promise<Uint8Array | undefined>): Promise<Uint8Array> {
    const { anchor, logger } = this.#options;
    if (anchor.type === 'root') return anchor.bytes;
    const { again = false } = anchor;
    const [store, place, metadataUrl] = [this.#store, this.#firstUse, this.#metadataUrl];
    return (this.#pinned ??= await pinnedRoot({
      store,
      identities: this.#identities,
      place,
      again,
      metadataUrl,
      logger,
      fetch,
    }));
  }

  #sources(
    stats: FetchStats,
    settings: TrustOptions | undefined,
    uncached: boolean,
  ): { readonly cache: MetadataCache; readonly fetch: NonNullable<RefreshOptions['fetch']> } {
    const options = this.#fetchOptions(stats, settings, uncached);
    return {
      cache: createMetadataCache(this.#store, this.#writeThrough, settings),
      fetch: (file, maxBytes, stop) =>
        fetchBytes(
          new URL(file, this.#metadataUrl).href,
          maxBytes,
          stop === undefined ? options : { ...options, signal: anySignal(stop, options.signal) },
        ),
    };
  }

  #fetchOptions(stats: FetchStats, settings: TrustOptions | undefined, uncached: boolean): FetchOptions {
    const { http, clock } = this.#options;
    return { http, clock, stats, uncached, ...omitUndefined({ signal: settings?.signal }) };
  }
}

/** An error without a code is a bug of ours, and still must not end the app. */
async function withErrorCode<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toUpdateError(error, 'TRUST_MALFORMED', 'Update metadata cannot be read. Nothing was changed.');
  }
}

/** Explains an expiry by a clock that is ahead. This also covers roles that are loaded later. */
async function withClockHint<T>({ now, stats }: Pick<Walk, 'now' | 'stats'>, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw explainExpiry(error, now, stats.serverTime);
  }
}

function summarise({ metadata: { root, timestamp, snapshot, targets }, stats }: Walk): TrustSummary {
  const expiries = [root, timestamp, snapshot, targets].map(({ expires }) => expires);
  return {
    rootVersion: root.version,
    timestampVersion: timestamp.version,
    snapshotVersion: snapshot.version,
    targetsVersion: targets.version,
    expires: expiries.toSorted((a, b) => Date.parse(a) - Date.parse(b))[0] ?? '',
    requests: stats.requests,
    bytes: stats.bytes,
  };
}

const noTrustedRoot = (): Promise<undefined> => Promise.resolve(undefined);

function asDirectory(url: string): string {
  return url.endsWith('/') ? url : `${url}/`;
}
