import { anySignal } from '../../../shared/any-signal.ts';
import { toUpdateError, UpdateError } from '../../../shared/errors.ts';
import type { TrustedTarget } from '../../../shared/trusted-target.ts';
import type { TrustOptions, TrustSummary } from '../../ports.ts';
import { defaultPatience, type TufClient, type TufClientOptions } from '../contract.ts';
import { createRecollection } from '../write-through-store.ts';
import { clockWarning, explainExpiry } from './workflow/clock-skew.ts';
import { findTarget } from './workflow/find-target.ts';
import { firstUseAnchor } from './workflow/trust-on-first-use.ts';
import { limits } from './metadata/limits.ts';
import { firstUsePlace, locateLineage } from './store/root-lineage.ts';
import { createMemory } from './store/metadata-cache.ts';
import { type FetchOptions, fetchWhole, type Traffic } from './fetch/fetch-metadata.ts';
import { mintTarget } from './workflow/create-trusted-target.ts';
import { settle } from './fetch/retry-unsettled.ts';
import { readTargetBytes } from './fetch/fetch-target.ts';
import { openSession, type Session } from './workflow/refresh.ts';
import { openTrustStore } from './store/trust-store.ts';
import { waitPatiently } from './fetch/delay.ts';

/** What came of one walk through the metadata. */
interface Walk {
  readonly session: Session;
  /** The device's time when it began. */
  readonly now: number;
  readonly traffic: Traffic;
}

/** The TUF client of the trust room. @throws UpdateError from its methods, with `TRUST_…` codes */
export function createTufClient(options: TufClientOptions): TufClient {
  const { anchor, clock, directory, http, logger, patience = defaultPatience } = options;
  const metadataUrl = asDirectory(options.metadataUrl);
  const firstUse = firstUsePlace(directory, metadataUrl);
  const store = openTrustStore(
    async () => (anchor.type === 'root' ? locateLineage(directory, anchor.bytes, logger) : firstUse),
    logger,
  );
  const recollection = createRecollection(store, limits.targets.bytes);
  let last: Walk | undefined;

  const fetchOptions = (traffic: Traffic, settings: TrustOptions | undefined, uncached: boolean): FetchOptions => ({
    http,
    clock,
    traffic,
    uncached,
    ...(settings?.signal === undefined ? {} : { signal: settings.signal }),
  });

  const sourcesOf = (traffic: Traffic, settings: TrustOptions | undefined, uncached: boolean) => {
    const how = fetchOptions(traffic, settings, uncached);
    return {
      memory: createMemory(store, recollection, settings),
      fetch: (file: string, maxBytes: number, over?: AbortSignal): Promise<Uint8Array | undefined> =>
        fetchWhole(
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
    return (pinned ??= await firstUseAnchor({ store, place: firstUse, again, metadataUrl, logger, fetch }));
  }

  async function walk(settings: TrustOptions | undefined, uncached: boolean): Promise<Walk> {
    const [traffic, now]: [Traffic, number] = [{ requests: 0, bytes: 0 }, clock.now()];
    const sources = sourcesOf(traffic, settings, uncached);
    const session = await explained({ now, traffic }, async () => {
      const bytes = await anchorBytes(() => sources.fetch('1.root.json', limits.root.bytes));
      return openSession({ anchor: bytes, now, ...sources });
    });
    const warning = clockWarning(now, traffic.serverTime);
    if (warning !== undefined) logger.warn(warning);
    last = { session, now, traffic };
    return last;
  }

  /** Tries again while the repository may be unsettled; the signal ends the waiting too. */
  function patiently<T>(settings: TrustOptions | undefined, attempt: (before: number) => Promise<T>): Promise<T> {
    return coded(() =>
      settle(attempt, patience[settings?.patience ?? 'quick'], async (ms) => {
        logger.debug(`the repository may be changing: looking again in ${ms} ms`);
        return waitPatiently(clock, ms, settings);
      }),
    );
  }

  const refresh: TufClient['refresh'] = async (settings) =>
    summarise(await patiently(settings, (before) => walk(settings, before > 0)));

  async function lookUp(found: Session, path: string): Promise<TrustedTarget | undefined> {
    const signed = await findTarget(found, path);
    return signed && mintTarget(signed, options.hashPrefix ?? 'auto', found.root.consistentSnapshot);
  }

  return {
    store,
    refresh,
    async target(path, settings) {
      const target = await patiently(settings, async (before) => {
        const found = last === undefined || before > 0 ? await walk(settings, before > 0) : last;
        const { session, traffic } = found;
        return explained(found, () => lookUp(session.from(sourcesOf(traffic, settings, before > 0)), path));
      });
      if (target !== undefined) return target;
      throw new UpdateError(
        'TRUST_TARGET_UNKNOWN',
        `The repository does not list ${path.slice(0, 300)}. Check the name, or publish it first.`,
        { details: { target: path.slice(0, 300) } },
      );
    },
    read: (target, maxBytes, settings) =>
      coded(() => {
        const how = fetchOptions({ requests: 0, bytes: 0 }, settings, false);
        return readTargetBytes(target, maxBytes, options.targetsUrls.map(asDirectory), how);
      }),
    recall: (path) =>
      coded(async () => {
        const memory = createMemory(store, recollection);
        try {
          const bytes = await anchorBytes(() => Promise.resolve(undefined));
          return await lookUp(await openSession({ anchor: bytes, memory, now: -Infinity, fetch: undefined }), path);
        } catch (error) {
          if (error instanceof UpdateError && error.code === 'TRUST_SERVER') return undefined;
          throw error;
        }
      }),
  };
}

/** Whatever is thrown here that has no code is a fault of ours, and still must not end the app. */
async function coded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toUpdateError(error, 'TRUST_MALFORMED', 'Update metadata cannot be read. Nothing was changed.');
  }
}

/** A clock that is ahead explains an expiry, of a role that is loaded later too. */
async function explained<T>({ now, traffic }: Pick<Walk, 'now' | 'traffic'>, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw explainExpiry(error, now, traffic.serverTime);
  }
}

function summarise({ session: { root, timestamp, snapshot, targets }, traffic }: Walk): TrustSummary {
  const expiries = [root, timestamp, snapshot, targets].map(({ expires }) => expires);
  return {
    rootVersion: root.version,
    timestampVersion: timestamp.version,
    snapshotVersion: snapshot.version,
    targetsVersion: targets.version,
    expires: expiries.toSorted((a, b) => Date.parse(a) - Date.parse(b))[0] ?? '',
    requests: traffic.requests,
    bytes: traffic.bytes,
  };
}

function asDirectory(url: string): string {
  return url.endsWith('/') ? url : `${url}/`;
}
