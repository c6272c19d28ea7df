import { generateKeyPairSync } from 'node:crypto';

import { UpdateError } from '../../shared/errors.ts';
import { formatPlatformTarget } from '../../shared/platform-target.ts';
import type { PublisherKeySet } from '../../shared/publisher-keys.ts';
import type { ReleaseIndex } from '../../shared/release-index.ts';
import { consistentName, releaseIndexPath } from '../../shared/target-path.ts';
import type { UpdateConfig } from '../../shared/update-config.ts';
import { digestBytes } from '../../files/hash-file.ts';
import { describeKey, type SigningKey } from '../keys/key-file.ts';
import { encodeEnvelope, signersOf, signEnvelope, toEnvelope } from '../keys/sign-envelope.ts';
import { signingSets } from '../release-index/hand-over.ts';
import type { Registration } from '../rstuf/rstuf-api.ts';
import type { PublishSession, PublishSessionOptions } from '../session/publish-session.ts';
import { type SignedIndex, signedIndex } from '../session/standing.ts';
import { assertServed, registerAll } from './publish-artifacts.ts';
import type { IndexEnvelope } from './prepared-release.ts';

export interface ReleaseOptions extends PublishSessionOptions {
  /** Publisher keys to sign with: at least a threshold of them, unless the release is only prepared. */
  readonly keys: readonly SigningKey[];
}

/** Signs an index with the keys at hand. */
export function signIndex(index: ReleaseIndex, keys: readonly SigningKey[], config: UpdateConfig): IndexEnvelope {
  const signers = config.publisher === 'none' && keys.length === 0 ? [ephemeralKey()] : keys;
  return { index, envelope: signEnvelope(toEnvelope(index), signers) };
}

/**
 * Checks that enough keys of every required set have signed: the app's set, the set it hands over to, and former sets.
 * @throws UpdateError `PUBLISH_KEY` naming the set whose threshold is not reached
 */
export function assertEnoughSignatures({ index, envelope }: IndexEnvelope, config: UpdateConfig): void {
  if (config.publisher === 'none') return;
  const sets = signingSets(config.publisher, index);
  for (const set of sets) {
    const signers = signersOf(envelope, set);
    if (signers.length >= set.threshold) continue;
    const known = new Set(sets.flatMap(({ keys }) => keys.map(({ keyid }) => keyid)));
    throw tooFewKeys(
      set,
      signers.length,
      envelope.signatures.map(({ keyid }) => keyid).filter((keyid) => !known.has(keyid)),
    );
  }
}

/**
 * Checks, before anything is read or built, that enough keys of the app's own set are given: it must sign every index.
 * @throws UpdateError `PUBLISH_KEY`
 */
export function assertKeysAtHand(keys: readonly SigningKey[], { publisher }: UpdateConfig): void {
  if (publisher === 'none') return;
  const given = [...new Set(keys.map(({ publicKey }) => publicKey.keyid))];
  const own = given.filter((keyid) => publisher.keys.some((key) => key.keyid === keyid));
  if (own.length >= publisher.threshold) return;
  throw tooFewKeys(
    publisher,
    own.length,
    given.filter((keyid) => !own.includes(keyid)),
  );
}

function tooFewKeys(set: PublisherKeySet, signers: number, foreign: readonly string[]): UpdateError {
  const others =
    foreign.length === 0
      ? ''
      : ` ${foreign.map(shortId).join(', ')} counts for none of the sets of this app: is it another app's key, or one that was replaced?`;
  return new UpdateError(
    'PUBLISH_KEY',
    `${signers} of the keys of set ${set.revision} (${set.keys.map(({ keyid }) => shortId(keyid)).join(', ')}) have signed, ${set.threshold} must.${others} Give more keys with --key, or prepare the release with --prepare and let the others sign it with "electron-tuf sign".`,
    { details: { signers, threshold: set.threshold, revision: set.revision } },
  );
}

/** Encodes an envelope as the published file. @throws UpdateError `PUBLISH_INPUT` when it is larger than clients accept */
export function encodeIndex({ index, envelope }: IndexEnvelope): SignedIndex {
  return signedIndex(index, encodeEnvelope(envelope));
}

/** Stores indexes and waits until the content server has them, so that a listed index always has its bytes. */
export async function storeIndexes(session: PublishSession, indexes: readonly SignedIndex[]): Promise<void> {
  for (const { index, bytes, sha256 } of indexes) {
    const path = pathOf(index);
    await session.store.put({ path, length: bytes.length, sha256 }, bytes);
  }
  await assertServed(
    session,
    indexes.map(({ index, bytes, sha256 }) => ({
      path: pathOf(index),
      length: bytes.length,
      locations: [consistentName(pathOf(index), sha256)],
    })),
  );
}

/** Has RSTUF sign indexes. The content server must have their bytes already. */
export async function registerIndexes(session: PublishSession, indexes: readonly SignedIndex[]): Promise<void> {
  const files = indexes.map(({ index, bytes }): Registration => {
    const { length, sha256, sha512 } = digestBytes(bytes);
    return { path: pathOf(index), info: { length, hashes: { sha256, sha512 } } };
  });
  await registerAll(session, files);
}

/** The result for one index, as plain data. */
export interface PublishedIndex {
  readonly path: string;
  readonly channel: string;
  readonly platform: string;
  readonly revision: number;
  readonly changed: boolean;
  /** Versions that are no longer listed. */
  readonly dropped: readonly string[];
}

export function describeIndex(index: ReleaseIndex, changed: boolean, dropped: readonly string[]): PublishedIndex {
  const { channel, revision } = index;
  return { path: pathOf(index), channel, platform: formatPlatformTarget(index), revision, changed, dropped };
}

function shortId(keyid: string): string {
  return `${keyid.slice(0, 8)}…`;
}

function pathOf(index: ReleaseIndex): string {
  return releaseIndexPath(index.app, index.channel, index);
}

/** An envelope needs at least one signature. If the app trusts no publisher keys, any key will do. */
function ephemeralKey(): SigningKey {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  return { publicKey: describeKey(publicKey), privateKey };
}
