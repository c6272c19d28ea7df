import { anySignal } from '../../../shared/any-signal.ts';
import { toUpdateError, UpdateError } from '../../../shared/errors.ts';
import type { TrustedTarget } from '../../../shared/trusted-target.ts';
import type { TrustOptions, TrustSummary } from '../../ports.ts';
import { defaultRetrySchedules, type TufClient, type TufClientOptions } from '../contract.ts';
import { createWriteThroughStore } from '../write-through-store.ts';
import { clockWarning, explainExpiry } from './workflow/clock-skew.ts';
import { findTarget } from './workflow/find-target.ts';
import { pinnedRoot } from './workflow/trust-on-first-use.ts';
import { limits } from './metadata/limits.ts';
import { firstUsePlace, locateLineage } from './store/root-lineage.ts';
import { createMetadataCache } from './store/metadata-cache.ts';
import { type FetchOptions, fetchBytes, type FetchStats } from './fetch/fetch-metadata.ts';
import { createTrustedTarget } from './workflow/create-trusted-target.ts';
import { retryWhileUnsettled } from './fetch/retry-unsettled.ts';
import { fetchTargetBytes } from './fetch/fetch-target.ts';
import { refreshMetadata, type TrustedMetadata } from './workflow/refresh.ts';
import { openTrustStore } from './store/trust-store.ts';
import { waitPatiently } from './fetch/delay.ts';

/** What came of one walk through the metadata. */
interface Walk {
  readonly metadata: TrustedMetadata;
  /** The device's time when it began. */
  readonly now: number;
  readonly stats: FetchStats;
}

/** The TUF client of the trust room. @throws UpdateError from its methods, with `TRUST_…` codes */
export function createTufClient(options: TufClientOptions): TufClient {
  const { anchor, clock, directory, http, logger, patience = defaultRetrySchedules } = options;
  const metadataUrl = asDirectory(options.metadataUrl);
  const firstUse = firstUsePlace(directory, metadataUrl);
  const store = openTrustStore(
    async () => (anchor.type === 'root' ? locateLineage(directory, anchor.bytes, logger) : firstUse),
    logger,
  );
  const writeThrough = createWriteThroughStore(store, limits.targets.bytes);
  let last: Walk | undefined;

  const fetchOptions = (stats: FetchStats, settings: TrustOptions | undefined, uncached: boolean): FetchOptions => ({
    http,
    clock,
    stats,
    uncached,
    ...(settings?.signal === undefined ? {} : { signal: settings.signal }),
  });

  const sourcesOf = (stats: FetchStats, settings: TrustOptions | undefined, uncached: boolean) => {
    const how = fetchOptions(stats, settings, uncached);
    return {
      cache: createMetadataCache(store, writeThrough, settings),
      fetch: (file: string, maxBytes: number, over?: AbortSignal): Promise<Uint8Array | undefined> =>
        fetchBytes(
          new URL(file, metadataUrl).href,
          maxBytes,
          over === undefined ? how : { ...how, signal: anySignal(over, how.signal) },
        ),
    };
  };

  /** A root that was pinned at first use stays so in this process, even if its store cannot be written. */
  let pinned: Uint8Array | undefined;
  async function anchorBytes(fetch: () => Promise<Uint8Array | undefined>): Promise<Uint8Array> {
    if (anchor.type === 'root') return anchor.bytes;
    const { again = false } = anchor;
    return (pinned ??= await pinnedRoot({ store, place: firstUse, again, metadataUrl, logger, fetch }));
  }

  async function walk(settings: TrustOptions | undefined, uncached: boolean): Promise<Walk> {
    const [stats, now]: [FetchStats, number] = [{ requests: 0, bytes: 0 }, clock.now()];
    const sources = sourcesOf(stats, settings, uncached);
    const metadata = await withClockHint({ now, stats }, async () => {
      const bytes = await anchorBytes(() => sources.fetch('1.root.json', limits.root.bytes));
      return refreshMetadata({ anchor: bytes, now, ...sources });
    });
    const warning = clockWarning(now, stats.serverTime);
    if (warning !== undefined) logger.warn(warning);
    last = { metadata, now, stats };
    return last;
  }

  /** Tries again while the repository may be unsettled; the signal ends the waiting too. */
  function withRetry<T>(settings: TrustOptions | undefined, attempt: (before: number) => Promise<T>): Promise<T> {
    return withErrorCode(() =>
      retryWhileUnsettled(attempt, patience[settings?.patience ?? 'quick'], async (ms) => {
        logger.debug(`the repository may be changing: looking again in ${ms} ms`);
        return waitPatiently(clock, ms, settings);
      }),
    );
  }

  const refresh: TufClient['refresh'] = async (settings) =>
    summarise(await withRetry(settings, (before) => walk(settings, before > 0)));

  async function lookUp(found: TrustedMetadata, path: string): Promise<TrustedTarget | undefined> {
    const signed = await findTarget(found, path);
    return signed && createTrustedTarget(signed, options.hashPrefix ?? 'auto', found.root.consistentSnapshot);
  }

  return {
    store,
    refresh,
    async target(path, settings) {
      const target = await withRetry(settings, async (before) => {
        const found = last === undefined || before > 0 ? await walk(settings, before > 0) : last;
        const { metadata, stats } = found;
        return withClockHint(found, () => lookUp(metadata.from(sourcesOf(stats, settings, before > 0)), path));
      });
      if (target !== undefined) return target;
      throw new UpdateError(
        'TRUST_TARGET_UNKNOWN',
        `The repository does not list ${path.slice(0, 300)}. Check the name, or publish it first.`,
        { details: { target: path.slice(0, 300) } },
      );
    },
    read: (target, maxBytes, settings) =>
      withErrorCode(() => {
        const how = fetchOptions({ requests: 0, bytes: 0 }, settings, false);
        return fetchTargetBytes(target, maxBytes, options.targetsUrls.map(asDirectory), how);
      }),
    lookUpOffline: (path) =>
      withErrorCode(async () => {
        const cache = createMetadataCache(store, writeThrough);
        try {
          const bytes = await anchorBytes(() => Promise.resolve(undefined));
          return await lookUp(await refreshMetadata({ anchor: bytes, cache, now: -Infinity, fetch: undefined }), path);
        } catch (error) {
          if (error instanceof UpdateError && error.code === 'TRUST_SERVER') return undefined;
          throw error;
        }
      }),
  };
}

/** Whatever is thrown here that has no code is a fault of ours, and still must not end the app. */
async function withErrorCode<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toUpdateError(error, 'TRUST_MALFORMED', 'Update metadata cannot be read. Nothing was changed.');
  }
}

/** A clock that is ahead explains an expiry, of a role that is loaded later too. */
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

function asDirectory(url: string): string {
  return url.endsWith('/') ? url : `${url}/`;
}
