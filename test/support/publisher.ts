import { generateKeyPairSync } from 'node:crypto';

import { encodeEnvelope, signEnvelope, toEnvelope } from '../../src/publish/keys/sign-envelope.ts';
import type { SigningKey } from '../../src/publish/keys/key-file.ts';
import type { DsseEnvelope } from '../../src/shared/dsse.ts';
import { keyIdOf, type PublisherKeySet } from '../../src/shared/publisher-keys.ts';
import type { ReleaseIndex } from '../../src/shared/release-index.ts';

/** A new publisher key in memory. */
export function publisherKey(): SigningKey {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const hex = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url').toString('hex');
  const keyid = keyIdOf(hex);
  return { privateKey, publicKey: { keyid, keytype: 'ed25519', scheme: 'ed25519', keyval: { public: hex } } };
}

export function keySetOf(keys: readonly SigningKey[], threshold = keys.length, revision = 1): PublisherKeySet {
  return { revision, threshold, keys: keys.map((key) => key.publicKey) };
}

/** A release index as it is published: an envelope with the signatures of `keys`. */
export function sealIndex(index: ReleaseIndex, keys: readonly SigningKey[]): Uint8Array {
  return encodeEnvelope(signEnvelope(toEnvelope(index), keys));
}

/** Changes a sealed index without signing it again. */
export function editEnvelope(sealed: Uint8Array, change: (envelope: DsseEnvelope) => unknown): Uint8Array {
  return Buffer.from(JSON.stringify(change(openSealed(sealed))));
}

export function openSealed(sealed: Uint8Array): DsseEnvelope {
  return JSON.parse(Buffer.from(sealed).toString()) as DsseEnvelope;
}
