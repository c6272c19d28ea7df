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

/** Verifies an index with a new verifier over the store. Returns the accepted revision, or the code of the refusal. */
async function accept(
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

  it('never decrease, and never change their content', async () => {
    const store = createMemoryStore();
    expect({
      first: await accept(store, set, sealIndex(revision(2), [first])),
      same: await accept(store, set, sealIndex(revision(2), [first])),
      older: await accept(store, set, sealIndex(revision(1), [first])),
      otherContent: await accept(store, set, sealIndex(revision(2, { releases: [] }), [first])),
      newer: await accept(store, set, sealIndex(revision(3), [first])),
    }).toEqual({
      first: 2,
      same: 2,
      older: 'TRUST_PUBLISHER_ROLLBACK',
      otherContent: 'TRUST_PUBLISHER_ROLLBACK',
      newer: 3,
    });
  });

  it('may gain signatures', async () => {
    const store = createMemoryStore();
    expect({
      oneSignature: await accept(store, set, sealIndex(revision(2), [first])),
      twoSignatures: await accept(store, set, sealIndex(revision(2), [second, first])),
    }).toEqual({ oneSignature: 2, twoSignatures: 2 });
  });

  it('are compared separately for each channel and platform target', async () => {
    const store = createMemoryStore();
    const beta = { ...query, channel: 'beta' };
    expect({
      stable: await accept(store, set, sealIndex(revision(5), [first])),
      beta: await accept(store, set, sealIndex(revision(1, { channel: 'beta' }), [first]), beta),
    }).toEqual({ stable: 5, beta: 1 });
  });

  it('are remembered by the process if the store cannot be written', async () => {
    const store: MemoryStore = { ...createMemoryStore(), write: () => Promise.resolve() };
    const indexVerifier = createIndexVerifier({ publisher: set, store, logger });
    await indexVerifier.verifyAndStore(sealIndex(revision(2), [first]), query);
    await expect(indexVerifier.verifyAndStore(sealIndex(revision(1), [first]), query)).rejects.toMatchObject({
      code: 'TRUST_PUBLISHER_ROLLBACK',
    });
  });

  it.each([['garbage'], [''], ['{"payloadType":"x","payload":"","signatures":[]}']])(
    'start again if the stored index is %j',
    async (text) => {
      const store = createMemoryStore();
      await accept(store, set, sealIndex(revision(2), [first]));
      for (const name of store.files.keys()) store.files.set(name, Buffer.from(text));
      expect(await accept(store, set, sealIndex(revision(1), [first]))).toBe(1);
    },
  );

  it('of a stored index do not count if only unknown keys signed it', async () => {
    const store = createMemoryStore();
    const stranger = publisherKey();
    await accept(store, keySetOf([stranger]), sealIndex(revision(99), [stranger]));
    expect({
      storedFiles: store.files.size,
      accepted: await accept(store, set, sealIndex(revision(2), [first])),
    }).toEqual({ storedFiles: 1, accepted: 2 });
  });
});

describe('rotation of key sets', () => {
  const [a, b, c] = [publisherKey(), publisherKey(), publisherKey()];
  const set1 = keySetOf([a], 1, 1);
  const set2 = keySetOf([b], 1, 2);
  const set3 = keySetOf([c], 1, 3);

  it('follows a chain of sets if each set signed the next one', async () => {
    const store = createMemoryStore();
    expect({
      secondBeforeRotation: await accept(store, set1, sealIndex(revision(1), [b])),
      rotationToSecond: await accept(store, set1, sealIndex(revision(2, { publisher: set2 }), [a, b])),
      firstAfterRotation: await accept(store, set1, sealIndex(revision(3), [a])),
      secondAfterRotation: await accept(store, set1, sealIndex(revision(3), [b])),
      rotationToThird: await accept(store, set1, sealIndex(revision(4, { publisher: set3 }), [b, c])),
      secondAfterThird: await accept(store, set1, sealIndex(revision(5), [b])),
      thirdAfterThird: await accept(store, set1, sealIndex(revision(5), [c])),
    }).toEqual({
      secondBeforeRotation: 'TRUST_PUBLISHER_UNSIGNED',
      rotationToSecond: 2,
      firstAfterRotation: 'TRUST_PUBLISHER_UNSIGNED',
      secondAfterRotation: 3,
      rotationToThird: 4,
      secondAfterThird: 'TRUST_PUBLISHER_UNSIGNED',
      thirdAfterThird: 5,
    });
  });

  it('adopts only a set that both the old and the new keys signed', async () => {
    const store = createMemoryStore();
    expect({
      signedByNewOnly: await accept(store, set1, sealIndex(revision(1, { publisher: set2 }), [b])),
      signedByOldOnly: await accept(store, set1, sealIndex(revision(1, { publisher: set2 }), [a])),
      oldStillValid: await accept(store, set1, sealIndex(revision(2), [a])),
      newNotAdopted: await accept(store, set1, sealIndex(revision(2), [b])),
    }).toEqual({
      signedByNewOnly: 'TRUST_PUBLISHER_UNSIGNED',
      signedByOldOnly: 1,
      oldStillValid: 2,
      newNotAdopted: 'TRUST_PUBLISHER_UNSIGNED',
    });
  });

  it('adopts no set of an older or of the same revision', async () => {
    const store = createMemoryStore();
    expect({
      older: await accept(store, set2, sealIndex(revision(1, { publisher: set1 }), [a, b])),
      sameRevision: await accept(store, set2, sealIndex(revision(2, { publisher: { ...set1, revision: 2 } }), [a, b])),
      notAdopted: await accept(store, set2, sealIndex(revision(3), [a])),
    }).toEqual({ older: 1, sameRevision: 2, notAdopted: 'TRUST_PUBLISHER_UNSIGNED' });
  });

  it('refuses a set in which a key has a wrong id', async () => {
    const forged = { ...set2, keys: [{ ...b.publicKey, keyid: 'ab'.repeat(32) }] };
    expect(await accept(createMemoryStore(), set1, sealIndex(revision(1, { publisher: forged }), [a, b]))).toBe(
      'TRUST_INDEX_INVALID',
    );
  });

  it('starts again from the set that a new version of the app embeds', async () => {
    const store = createMemoryStore();
    await accept(store, set1, sealIndex(revision(2, { publisher: set2 }), [a, b]));
    expect({
      thirdEmbeddedOldKey: await accept(store, set3, sealIndex(revision(3), [b])),
      thirdEmbedded: await accept(store, set3, sealIndex(revision(3), [c])),
      secondEmbedded: await accept(store, set2, sealIndex(revision(4), [b])),
    }).toEqual({ thirdEmbedded: 3, thirdEmbeddedOldKey: 'TRUST_PUBLISHER_UNSIGNED', secondEmbedded: 4 });
  });

  it('ignores a stored proof that the embedded set did not sign', async () => {
    const store = createMemoryStore();
    const evil = sealIndex(revision(2, { publisher: set2 }), [b]);
    store.files.set(`keys-${app}-after-1.json`, evil);
    expect({
      forged: await accept(store, set1, sealIndex(revision(3), [b])),
      embedded: await accept(store, set1, sealIndex(revision(3), [a])),
    }).toEqual({ forged: 'TRUST_PUBLISHER_UNSIGNED', embedded: 3 });
  });

  it('concerns one app: another app that embeds the same set keeps its own keys', async () => {
    const store = createMemoryStore();
    const sold = { ...query, app: 'org.example.sold' };
    const proof = sealIndex(revision(2, { app: sold.app, publisher: set2 }), [a, b]);
    const adopted = await accept(store, set1, proof, sold);
    store.files.set(`keys-${app}-after-1.json`, proof);
    expect({
      adopted,
      sold: await accept(store, set1, sealIndex(revision(3, { app: sold.app }), [b]), sold),
      newOwner: await accept(store, set1, sealIndex(revision(3), [b])),
      ownKeys: await accept(store, set1, sealIndex(revision(3), [a])),
    }).toEqual({ adopted: 2, sold: 3, newOwner: 'TRUST_PUBLISHER_UNSIGNED', ownKeys: 3 });
  });

  it('discards a high revision that a stolen key signed', async () => {
    const store = createMemoryStore();
    expect({
      stolen: await accept(store, set1, sealIndex(revision(9_000_000), [a])),
      blocked: await accept(store, set1, sealIndex(revision(2), [a])),
      rotation: await accept(store, set1, sealIndex(revision(3, { publisher: set2 }), [a, b])),
      stolenAgain: await accept(store, set1, sealIndex(revision(9_000_001), [a])),
      afterRotation: await accept(store, set1, sealIndex(revision(4), [b])),
    }).toEqual({
      stolen: 9_000_000,
      blocked: 'TRUST_PUBLISHER_ROLLBACK',
      rotation: 3,
      stolenAgain: 'TRUST_PUBLISHER_UNSIGNED',
      afterRotation: 4,
    });
  });

  it('is remembered by the process if the store cannot be written', async () => {
    const store: MemoryStore = { ...createMemoryStore(), write: () => Promise.resolve() };
    const indexVerifier = createIndexVerifier({ publisher: set1, store, logger });
    await indexVerifier.verifyAndStore(sealIndex(revision(2, { publisher: set2 }), [a, b]), query);
    expect((await indexVerifier.verifyAndStore(sealIndex(revision(3), [b]), query)).revision).toBe(3);
  });
});

describe('options', () => {
  it('are refused if an embedded key has the id of another one', () => {
    const [first, second] = [publisherKey().publicKey, publisherKey().publicKey];
    const swapped = { revision: 1, threshold: 2, keys: [{ ...first, keyid: second.keyid }, second] };
    expect(() => createIndexVerifier({ publisher: swapped, store: createMemoryStore(), logger })).toThrow(
      expect.objectContaining({ code: 'OPTIONS_CONFIG_INVALID' }),
    );
  });

  it('may turn publisher keys off, with a warning in the log', async () => {
    const logger = createRecordingLogger();
    const indexVerifier = createIndexVerifier({ publisher: 'none', store: createMemoryStore(), logger });
    const index = await indexVerifier.verifyAndStore(sealIndex(revision(7), []), query);
    expect({ revision: index.revision, log: logger.lines }).toEqual({
      revision: 7,
      log: [expect.stringMatching(/^warn: .*publisher: "none"/)],
    });
  });

  it('without publisher keys still check form and name', async () => {
    const store = createMemoryStore();
    expect({
      otherChannel: await accept(store, 'none', sealIndex(revision(1, { channel: 'beta' }), [])),
      noEnvelope: await accept(store, 'none', Buffer.from('{}')),
    }).toEqual({ otherChannel: 'TRUST_INDEX_CONFUSED', noEnvelope: 'TRUST_INDEX_INVALID' });
  });
});
