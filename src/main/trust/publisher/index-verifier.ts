import { UpdateError } from '../../../shared/errors.ts';
import type { PublisherKeySet } from '../../../shared/publisher-keys.ts';
import { maxReleaseIndexBytes, type ReleaseIndex } from '../../../shared/release-index.ts';
import type { Logger, ReleaseQuery, RememberedIndex, TrustOptions } from '../../ports.ts';
import type { TrustStore } from '../contract.ts';
import { currentKeySet, storeRotationProof, successorOf } from './key-rotation.ts';
import { assertKeySet } from './keys.ts';
import { createWriteThroughStore } from '../write-through-store.ts';
import { assertNotOlder, indexName } from './index-revisions.ts';
import { type VerifiedIndex, verifyIndex } from './verify-index.ts';

export interface IndexVerifierOptions {
  readonly publisher: PublisherKeySet | 'none';
  /** Stores accepted indexes. It belongs to the app and outlives a change of repository: see {@link openPublisherStore}. */
  readonly store: TrustStore;
  readonly logger: Logger;
}

/** The second lock: a release index that TUF verified must also have the publisher's signatures and a revision that is not older. */
export interface IndexVerifier {
  /** Verifies a release index, adopts a newer key set if the index carries one, and stores the index. */
  verifyAndStore(bytes: Uint8Array, query: ReleaseQuery, options?: TrustOptions): Promise<ReleaseIndex>;
  /** Verifies a release index without changing the store. */
  verifyStored(bytes: Uint8Array, query: ReleaseQuery): Promise<ReleaseIndex>;
  /** The newest index accepted for this query, with its bytes. `undefined` if it no longer verifies. */
  newest(query: ReleaseQuery): Promise<RememberedIndex | undefined>;
  /** The bytes accepted earlier for this query, by this process or by another one that shares the store. */
  storedCopies(query: ReleaseQuery): Promise<readonly Uint8Array[]>;
}

/** @throws UpdateError `OPTIONS_CONFIG_INVALID` if an embedded key is listed under another key's id */
export function createIndexVerifier({ publisher, store, logger }: IndexVerifierOptions): IndexVerifier {
  const memory = createWriteThroughStore(store, maxReleaseIndexBytes);
  if (publisher === 'none') {
    logger.warn(
      'Publisher keys do not protect updates (publisher: "none"). Anyone who holds the online key of the repository, or may call its API, can make this app install anything. See docs/trust.md.',
    );
  } else {
    assertKeySet(publisher);
  }
  const currentKeys = async ({ app }: ReleaseQuery): Promise<PublisherKeySet | 'none'> =>
    publisher === 'none' ? 'none' : currentKeySet(app, publisher, memory);

  /** Compares an index with the stored ones, using the keys that apply after it. Adopts its key set if that is newer. */
  async function advance(
    offered: VerifiedIndex,
    bytes: Uint8Array,
    query: ReleaseQuery,
    current: PublisherKeySet,
  ): Promise<void> {
    const next = successorOf(current, offered, offered.index);
    for (const seen of await memory.read(indexName(query))) {
      const verified = tryVerify(seen, query, next ?? current);
      if (verified !== undefined) assertNotOlder(offered, verified);
    }
    if (next === undefined) return;
    await storeRotationProof(query.app, current, bytes, memory);
    logger.info(`Adopted publisher key set ${next.revision}, which key set ${current.revision} signed.`);
  }

  return {
    async verifyAndStore(bytes, query, options) {
      return store.withLock(async () => {
        const keys = await currentKeys(query);
        const offered = verifyIndex(bytes, query, keys);
        if (keys !== 'none') await advance(offered, bytes, query, keys);
        await memory.write(indexName(query), bytes);
        return offered.index;
      }, options);
    },
    async verifyStored(bytes, query) {
      return verifyIndex(bytes, query, await currentKeys(query)).index;
    },
    async newest(query) {
      const keys = await currentKeys(query);
      for (const bytes of await memory.read(indexName(query))) {
        const verified = tryVerify(bytes, query, keys);
        if (verified !== undefined) return { index: verified.index, bytes };
      }
      return undefined;
    },
    async storedCopies(query) {
      return memory.read(indexName(query));
    },
  };
}

/** Returns `undefined` for a stored index that the current keys no longer verify. */
function tryVerify(bytes: Uint8Array, query: ReleaseQuery, keys: PublisherKeySet | 'none'): VerifiedIndex | undefined {
  try {
    return verifyIndex(bytes, query, keys);
  } catch (error) {
    if (error instanceof UpdateError) return undefined;
    throw error;
  }
}
