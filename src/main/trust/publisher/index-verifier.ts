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
  /** What was admitted before. It belongs to the app and outlives a change of repository: see {@link openPublisherStore}. */
  readonly store: TrustStore;
  readonly logger: Logger;
}

/** The second lock: what TUF vouches for must be signed by the publisher too, and must not go back in time. */
export interface IndexVerifier {
  /** Verifies a release index, adopts the newer key set it may carry, and remembers it. */
  verifyAndStore(bytes: Uint8Array, query: ReleaseQuery, options?: TrustOptions): Promise<ReleaseIndex>;
  /** Verifies a release index again, and changes nothing. */
  verifyStored(bytes: Uint8Array, query: ReleaseQuery): Promise<ReleaseIndex>;
  /** The newest index that was admitted for this query, if it still verifies, and its bytes. */
  newest(query: ReleaseQuery): Promise<RememberedIndex | undefined>;
  /** The bytes that were admitted for this query before; of one process, or of all that share the store. */
  storedCopies(query: ReleaseQuery): Promise<readonly Uint8Array[]>;
}

/** @throws UpdateError `OPTIONS_CONFIG_INVALID` when an embedded key does not stand under its own id */
export function createIndexVerifier({ publisher, store, logger }: IndexVerifierOptions): IndexVerifier {
  const memory = createWriteThroughStore(store, maxReleaseIndexBytes);
  if (publisher === 'none') {
    logger.warn(
      'Updates are not protected by publisher keys (publisher: "none"): whoever holds the online key of the repository, or may call its API, can make this app install anything. See docs/trust.md.',
    );
  } else {
    assertKeySet(publisher);
  }
  const currentKeys = async ({ app }: ReleaseQuery): Promise<PublisherKeySet | 'none'> =>
    publisher === 'none' ? 'none' : currentKeySet(app, publisher, memory);

  /** Checks an index against what is remembered, under the keys it leaves in force. */
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
    logger.info(`Adopted publisher key set ${next.revision}, which key set ${current.revision} agreed to.`);
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

/** What cannot be verified any more is not remembered. */
function tryVerify(bytes: Uint8Array, query: ReleaseQuery, keys: PublisherKeySet | 'none'): VerifiedIndex | undefined {
  try {
    return verifyIndex(bytes, query, keys);
  } catch (error) {
    if (error instanceof UpdateError) return undefined;
    throw error;
  }
}
