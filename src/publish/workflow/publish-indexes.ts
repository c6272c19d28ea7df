import { generateKeyPairSync } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';

import type { ReleaseQuery, RememberedIndex } from '../../main/ports.ts';
import type { DsseEnvelope } from '../../shared/dsse.ts';
import { UpdateError } from '../../shared/errors.ts';
import type { PublisherKeySet } from '../../shared/publisher-keys.ts';
import type { ReleaseIndex } from '../../shared/release-index.ts';
import { releaseIndexPath } from '../../shared/target-path.ts';
import type { UpdateConfig } from '../../shared/update-config.ts';
import { digestBytes } from '../../files/hash-file.ts';
import { waitUntilVisible } from '../session/wait-until-visible.ts';
import { encodeEnvelope, goodSigners, signEnvelope, toEnvelope } from '../keys/sign-envelope.ts';
import { describeKey, type SigningKey } from '../keys/key-file.ts';
import { confirmAll, registerAll } from './publish-artifacts.ts';
import type { PublishSession } from '../session/publish-session.ts';
import type { Registration } from '../rstuf/rstuf-api.ts';

/** A release index and its envelope, signed or waiting for signatures. */
export interface IndexEnvelope {
  readonly index: ReleaseIndex;
  readonly envelope: DsseEnvelope;
}

/** Signs an index with the keys at hand. */
export function signIndex(index: ReleaseIndex, keys: readonly SigningKey[], config: UpdateConfig): IndexEnvelope {
  const signers = config.publisher === 'none' && keys.length === 0 ? [ephemeralKey()] : keys;
  return { index, envelope: signEnvelope(toEnvelope(index), signers) };
}

/**
 * The key sets that must agree to an index: the app's, and the one it hands on to, if it does.
 * @throws UpdateError `PUBLISH_KEY` when a set's threshold is not reached, naming what is missing
 */
export function assertEnoughSignatures({ index, envelope }: IndexEnvelope, config: UpdateConfig): void {
  if (config.publisher === 'none') return;
  const sets: readonly PublisherKeySet[] = [
    config.publisher,
    ...(index.publisher === undefined ? [] : [index.publisher]),
  ];
  for (const set of sets) {
    const signers = goodSigners(envelope, set);
    if (signers.length >= set.threshold) continue;
    throw new UpdateError(
      'PUBLISH_KEY',
      `${signers.length} of the keys of set ${set.revision} have signed, ${set.threshold} must. Give more keys with --key, or prepare the release with --prepare and let the others sign it with "electron-tuf sign".`,
      { details: { signers: signers.length, threshold: set.threshold, revision: set.revision } },
    );
  }
}

export async function publishIndexes(session: PublishSession, envelopes: readonly IndexEnvelope[]): Promise<void> {
  const signed = envelopes.map(({ index, envelope }) => ({ index, bytes: encodeEnvelope(envelope) }));
  await publishSigned(session, signed);
}

/** Content first, then the signed description, then a look as a client: it must see exactly this index. */
export async function publishSigned(session: PublishSession, indexes: readonly RememberedIndex[]): Promise<void> {
  const { options, store, view } = session;
  const files: Registration[] = [];
  for (const { index, bytes } of indexes) {
    const { length, sha256, sha512 } = digestBytes(bytes);
    const path = releaseIndexPath(index.app, index.channel, index);
    await store.putIndex({ path, length, sha256 }, bytes);
    files.push({ path, info: { length, hashes: { sha256, sha512 } } });
  }
  await registerAll(session, files);
  await confirmAll(session, files);
  await waitUntilVisible(
    view,
    async () => {
      for (const { index } of indexes) {
        if (isDeepStrictEqual(await view.releaseIndex(queryOf(index)), index)) continue;
        throw new UpdateError(
          'TRUST_TARGET_UNKNOWN',
          `Revision ${index.revision} of the release index is not there yet.`,
        );
      }
    },
    options,
  );
}

export function queryOf(index: ReleaseIndex): ReleaseQuery {
  return { app: index.app, channel: index.channel, target: { platform: index.platform, arch: index.arch } };
}

/** An envelope has at least one signature. Where an app trusts no publisher key, it may be anybody's. */
function ephemeralKey(): SigningKey {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  return { publicKey: describeKey(publicKey), privateKey };
}
