import { createHash } from 'node:crypto';

import { UpdateError } from '../../../shared/errors.ts';
import type { TrustedTarget } from '../../../shared/trusted-target.ts';
import type { TrustOptions, TrustSummary } from '../../ports.ts';
import type { TufClient, TufClientOptions } from '../contract.ts';
import { fetchWhole, type Traffic } from './metadata-fetch.ts';
import { mintTarget } from './mint.ts';
import { openSession, type Session } from './session.ts';
import { openTrustStore } from './store.ts';

/** The TUF client of the trust room. @throws UpdateError from its methods, with `TRUST_…` codes */
export function createTufClient(options: TufClientOptions): TufClient {
  const store = openTrustStore(options.directory, options.logger);
  const metadataUrl = asDirectory(options.metadataUrl);
  let session: Session | undefined;
  let traffic: Traffic = { requests: 0, bytes: 0 };

  async function anchor(signal: AbortSignal | undefined): Promise<Uint8Array> {
    if (options.anchor.type === 'root') return options.anchor.bytes;
    const pinned = await store.read('anchor.json', 512_000);
    if (pinned !== undefined) return pinned;
    const bytes = await fetchWhole(options.http, new URL('1.root.json', metadataUrl).href, 512_000, traffic, signal);
    if (bytes === undefined) throw new UpdateError('TRUST_SERVER', 'The repository has no 1.root.json.');
    options.logger.warn(`trust on first use: the root of ${metadataUrl} is trusted from now on`);
    await store.write('anchor.json', bytes);
    return bytes;
  }

  async function refresh(settings?: TrustOptions): Promise<TrustSummary> {
    return store.exclusive(async () => {
      traffic = { requests: 0, bytes: 0 };
      session = await openSession({
        anchor: await anchor(settings?.signal),
        store,
        remote: { http: options.http, url: metadataUrl, signal: settings?.signal },
        traffic,
      });
      return summarise(session, traffic);
    }, settings);
  }

  function trusted(found: Session, signed: Awaited<ReturnType<Session['find']>>): TrustedTarget | undefined {
    return signed && mintTarget(signed, options.hashPrefix ?? 'auto', found.set.root.signed.consistentSnapshot);
  }

  return {
    store,
    refresh,
    async target(path, settings) {
      if (session === undefined) await refresh(settings);
      const target = session && trusted(session, await session.find(path));
      if (target !== undefined) return target;
      throw new UpdateError(
        'TRUST_TARGET_UNKNOWN',
        `The repository does not list ${path}. Check the name, or publish it first.`,
        { details: { target: path } },
      );
    },
    async read(target, maxBytes, settings) {
      if (target.length > maxBytes)
        throw new UpdateError('TRUST_TOO_LARGE', `${target.path} has ${target.length} bytes; ${maxBytes} are allowed.`);
      for (const base of options.targetsUrls) {
        for (const location of target.locations) {
          const bytes = await fetchWhole(
            options.http,
            new URL(location, asDirectory(base)).href,
            target.length,
            traffic,
            settings?.signal,
          );
          if (bytes === undefined) continue;
          if (matches(bytes, target)) return bytes;
          throw new UpdateError(
            'TRUST_MISMATCH',
            `${target.path} is not the file that was signed. Try again later; if it stays so, tell the publisher.`,
          );
        }
      }
      throw new UpdateError(
        'TRUST_SERVER',
        `The repository lists ${target.path} but does not have it. Try again later.`,
      );
    },
    async recall(path) {
      const offline = await openSession({
        anchor: await anchor(undefined),
        store,
        remote: undefined,
        traffic: { requests: 0, bytes: 0 },
      });
      return trusted(offline, await offline.find(path));
    },
  };
}

function matches(bytes: Uint8Array, target: TrustedTarget): boolean {
  return (
    bytes.length === target.length &&
    Object.entries(target.hashes).every(([name, hex]) => createHash(name).update(bytes).digest('hex') === hex)
  );
}

function summarise(session: Session, traffic: Traffic): TrustSummary {
  const { root, timestamp, snapshot, targets } = session.set;
  const expiries = [root, timestamp, snapshot, targets].flatMap((role) =>
    role === undefined ? [] : [role.signed.expires],
  );
  return {
    rootVersion: root.signed.version,
    timestampVersion: timestamp?.signed.version ?? 0,
    snapshotVersion: snapshot?.signed.version ?? 0,
    targetsVersion: targets?.signed.version ?? 0,
    expires: expiries.toSorted()[0] ?? '',
    ...traffic,
  };
}

function asDirectory(url: string): string {
  return url.endsWith('/') ? url : `${url}/`;
}
