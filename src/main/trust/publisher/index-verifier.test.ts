import { describe, expect, it } from 'vitest';

import { createRecordingLogger } from '../../../../test/support/logger.ts';
import { createMemoryStore, type MemoryStore } from '../../../../test/support/memory-store.ts';
import { keySetOf, publisherKey, sealIndex } from '../../../../test/support/publisher.ts';
import { app, indexOf, releaseOf } from '../../../../test/support/release-index.ts';
import type { UpdateError } from '../../../shared/errors.ts';
import type { PublisherKeySet } from '../../../shared/publisher-keys.ts';
import type { ReleaseIndex } from '../../../shared/release-index.ts';
import type { ReleaseQuery } from '../../ports.ts';
import { createIndexVerifier } from './index-verifier.ts';

const query: ReleaseQuery = { app, channel: 'stable', target: { platform: 'linux', arch: 'x64' } };
const logger = createRecordingLogger();

function revision(number: number, change: Partial<ReleaseIndex> = {}): ReleaseIndex {
  return indexOf([releaseOf(`1.${number}.0`)], { revision: number, ...change });
}

/** Admits an index with a freshly started gate: the revision admitted, or the code of the refusal. */
async function admit(
  store: MemoryStore,
  embedded: PublisherKeySet | 'none',
  bytes: Uint8Array,
  asked = query,
): Promise<number | string> {
  try {
    return (await createIndexVerifier({ publisher: embedded, store, logger }).verifyAndStore(bytes, asked)).revision;
  } catch (error) {
    return (error as UpdateError).code;
  }
}

describe('revisions', () => {
  const [first, second] = [publisherKey(), publisherKey()];
  const set = keySetOf([first, second], 1);

  it('only grow, and one revision has one content', async () => {
    const store = createMemoryStore();
    expect([
      await admit(store, set, sealIndex(revision(2), [first])),
      await admit(store, set, sealIndex(revision(2), [first])),
      await admit(store, set, sealIndex(revision(1), [first])),
      await admit(store, set, sealIndex(revision(2, { releases: [] }), [first])),
      await admit(store, set, sealIndex(revision(3), [first])),
    ]).toEqual([2, 2, 'TRUST_PUBLISHER_ROLLBACK', 'TRUST_PUBLISHER_ROLLBACK', 3]);
  });

  it('may gain signatures', async () => {
    const store = createMemoryStore();
    expect([
      await admit(store, set, sealIndex(revision(2), [first])),
      await admit(store, set, sealIndex(revision(2), [second, first])),
    ]).toEqual([2, 2]);
  });

  it('are counted for each channel and platform target alone', async () => {
    const store = createMemoryStore();
    const beta = { ...query, channel: 'beta' };
    expect([
      await admit(store, set, sealIndex(revision(5), [first])),
      await admit(store, set, sealIndex(revision(1, { channel: 'beta' }), [first]), beta),
    ]).toEqual([5, 1]);
  });

  it('are remembered by the process where the store cannot be written', async () => {
    const store: MemoryStore = { ...createMemoryStore(), write: () => Promise.resolve() };
    const indexVerifier = createIndexVerifier({ publisher: set, store, logger });
    await indexVerifier.verifyAndStore(sealIndex(revision(2), [first]), query);
    await expect(indexVerifier.verifyAndStore(sealIndex(revision(1), [first]), query)).rejects.toMatchObject({
      code: 'TRUST_PUBLISHER_ROLLBACK',
    });
  });

  it.each([['garbage'], [''], ['{"payloadType":"x","payload":"","signatures":[]}']])(
    'heal when the remembered index is %j',
    async (text) => {
      const store = createMemoryStore();
      await admit(store, set, sealIndex(revision(2), [first]));
      for (const name of store.files.keys()) store.files.set(name, Buffer.from(text));
      expect(await admit(store, set, sealIndex(revision(1), [first]))).toBe(1);
    },
  );

  it('are not believed when somebody else signed the remembered index', async () => {
    const store = createMemoryStore();
    const stranger = publisherKey();
    await admit(store, keySetOf([stranger]), sealIndex(revision(99), [stranger]));
    expect([store.files.size, await admit(store, set, sealIndex(revision(2), [first]))]).toEqual([1, 2]);
  });
});

describe('succession of key sets', () => {
  const [a, b, c] = [publisherKey(), publisherKey(), publisherKey()];
  const set1 = keySetOf([a], 1, 1);
  const set2 = keySetOf([b], 1, 2);
  const set3 = keySetOf([c], 1, 3);

  it('follows a chain of sets, each agreed to by the one before', async () => {
    const store = createMemoryStore();
    expect([
      await admit(store, set1, sealIndex(revision(1), [b])),
      await admit(store, set1, sealIndex(revision(2, { publisher: set2 }), [a, b])),
      await admit(store, set1, sealIndex(revision(3), [a])),
      await admit(store, set1, sealIndex(revision(3), [b])),
      await admit(store, set1, sealIndex(revision(4, { publisher: set3 }), [b, c])),
      await admit(store, set1, sealIndex(revision(5), [b])),
      await admit(store, set1, sealIndex(revision(5), [c])),
    ]).toEqual(['TRUST_PUBLISHER_UNSIGNED', 2, 'TRUST_PUBLISHER_UNSIGNED', 3, 4, 'TRUST_PUBLISHER_UNSIGNED', 5]);
  });

  it('takes no set that the old one, or the new one itself, did not sign', async () => {
    const store = createMemoryStore();
    expect([
      await admit(store, set1, sealIndex(revision(1, { publisher: set2 }), [b])),
      await admit(store, set1, sealIndex(revision(1, { publisher: set2 }), [a])),
      await admit(store, set1, sealIndex(revision(2), [a])),
      await admit(store, set1, sealIndex(revision(2), [b])),
    ]).toEqual(['TRUST_PUBLISHER_UNSIGNED', 1, 2, 'TRUST_PUBLISHER_UNSIGNED']);
  });

  it('takes no older set, and none of the same revision', async () => {
    const store = createMemoryStore();
    expect([
      await admit(store, set2, sealIndex(revision(1, { publisher: set1 }), [a, b])),
      await admit(store, set2, sealIndex(revision(2, { publisher: { ...set1, revision: 2 } }), [a, b])),
      await admit(store, set2, sealIndex(revision(3), [a])),
    ]).toEqual([1, 2, 'TRUST_PUBLISHER_UNSIGNED']);
  });

  it('refuses a set whose key stands under a foreign id', async () => {
    const forged = { ...set2, keys: [{ ...b.publicKey, keyid: 'ab'.repeat(32) }] };
    expect(await admit(createMemoryStore(), set1, sealIndex(revision(1, { publisher: forged }), [a, b]))).toBe(
      'TRUST_INDEX_INVALID',
    );
  });

  it('starts from the set that an update of the app embeds', async () => {
    const store = createMemoryStore();
    await admit(store, set1, sealIndex(revision(2, { publisher: set2 }), [a, b]));
    expect([
      await admit(store, set3, sealIndex(revision(3), [b])),
      await admit(store, set3, sealIndex(revision(3), [c])),
      await admit(store, set2, sealIndex(revision(4), [b])),
    ]).toEqual(['TRUST_PUBLISHER_UNSIGNED', 3, 4]);
  });

  it('does not believe a stored proof that the embedded set did not sign', async () => {
    const store = createMemoryStore();
    const evil = sealIndex(revision(2, { publisher: set2 }), [b]);
    store.files.set(`keys-${app}-after-1.json`, evil);
    expect([
      await admit(store, set1, sealIndex(revision(3), [b])),
      await admit(store, set1, sealIndex(revision(3), [a])),
    ]).toEqual(['TRUST_PUBLISHER_UNSIGNED', 3]);
  });

  it('is of one app: another one with the same embedded set keeps its own keys', async () => {
    const store = createMemoryStore();
    const sold = { ...query, app: 'org.example.sold' };
    const proof = sealIndex(revision(2, { app: sold.app, publisher: set2 }), [a, b]);
    const adopted = await admit(store, set1, proof, sold);
    store.files.set(`keys-${app}-after-1.json`, proof);
    expect({
      adopted,
      sold: await admit(store, set1, sealIndex(revision(3, { app: sold.app }), [b]), sold),
      newOwner: await admit(store, set1, sealIndex(revision(3), [b])),
      ownKeys: await admit(store, set1, sealIndex(revision(3), [a])),
    }).toEqual({ adopted: 2, sold: 3, newOwner: 'TRUST_PUBLISHER_UNSIGNED', ownKeys: 3 });
  });

  it('frees an index from the revision that a stolen key signed', async () => {
    const store = createMemoryStore();
    expect([
      await admit(store, set1, sealIndex(revision(9_000_000), [a])),
      await admit(store, set1, sealIndex(revision(2), [a])),
      await admit(store, set1, sealIndex(revision(3, { publisher: set2 }), [a, b])),
      await admit(store, set1, sealIndex(revision(9_000_001), [a])),
      await admit(store, set1, sealIndex(revision(4), [b])),
    ]).toEqual([9_000_000, 'TRUST_PUBLISHER_ROLLBACK', 3, 'TRUST_PUBLISHER_UNSIGNED', 4]);
  });

  it('is adopted by the process where the store cannot be written', async () => {
    const store: MemoryStore = { ...createMemoryStore(), write: () => Promise.resolve() };
    const indexVerifier = createIndexVerifier({ publisher: set1, store, logger });
    await indexVerifier.verifyAndStore(sealIndex(revision(2, { publisher: set2 }), [a, b]), query);
    expect((await indexVerifier.verifyAndStore(sealIndex(revision(3), [b]), query)).revision).toBe(3);
  });
});

describe('options', () => {
  it('are refused when an embedded key stands under a foreign id', () => {
    const [first, second] = [publisherKey().publicKey, publisherKey().publicKey];
    const swapped = { revision: 1, threshold: 2, keys: [{ ...first, keyid: second.keyid }, second] };
    expect(() => createIndexVerifier({ publisher: swapped, store: createMemoryStore(), logger })).toThrow(
      expect.objectContaining({ code: 'OPTIONS_CONFIG_INVALID' }),
    );
  });

  it('may do without publisher keys, loudly', async () => {
    const logger = createRecordingLogger();
    const indexVerifier = createIndexVerifier({ publisher: 'none', store: createMemoryStore(), logger });
    const index = await indexVerifier.verifyAndStore(sealIndex(revision(7), []), query);
    expect([index.revision, logger.lines]).toEqual([7, [expect.stringMatching(/^warn: .*publisher: "none"/)]]);
  });

  it('still check form and name without publisher keys', async () => {
    const store = createMemoryStore();
    expect([
      await admit(store, 'none', sealIndex(revision(1, { channel: 'beta' }), [])),
      await admit(store, 'none', Buffer.from('{}')),
    ]).toEqual(['TRUST_INDEX_CONFUSED', 'TRUST_INDEX_INVALID']);
  });
});
