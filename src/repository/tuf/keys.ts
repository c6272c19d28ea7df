import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

import { omitUndefined } from '../../shared/omit-undefined.ts';
import { keyIdOf } from '../../shared/publisher-keys.ts';
import type { JsonObject } from './json.ts';

/** The public half of a TUF key (ed25519). */
export interface TufKey {
  /** SHA-256 of the key's canonical JSON, as securesystemslib computes it. */
  readonly keyid: string;
  /** Lower-case hex. */
  readonly publicHex: string;
  /** A name for people: `x-rstuf-key-name`. */
  readonly name: string;
  /** Where RSTUF's worker finds the private half of its online key: `x-rstuf-online-key-uri`. */
  readonly onlineUri?: string;
}

/** A key that can sign. */
export interface RoleSigningKey extends TufKey {
  readonly privateKey: KeyObject;
}

/** The name of a key, and the address of an online key. */
export type KeyLabel = Pick<TufKey, 'name' | 'onlineUri'>;

export function generateSigningKey(label: KeyLabel): RoleSigningKey {
  return signingKey(generateKeyPairSync('ed25519').privateKey, label);
}

/** Reads an unencrypted PKCS #8 PEM. Throws what `node:crypto` throws for other input. */
export function signingKeyFromPem(pem: string, label: KeyLabel): RoleSigningKey {
  return signingKey(createPrivateKey(pem), label);
}

/** Derives a key from 32 bytes, for test vectors. */
export function signingKeyFromSeed(seed: Uint8Array, label: KeyLabel): RoleSigningKey {
  const pkcs8Header = Buffer.from('302e020100300506032b657004220420', 'hex');
  const der = Buffer.concat([pkcs8Header, seed]);
  return signingKey(createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }), label);
}

export function privatePem(key: RoleSigningKey): string {
  return key.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** @returns the signature in lower-case hex (spec 4.2.1, `sig`). */
export function signBytes(key: RoleSigningKey, bytes: Uint8Array): string {
  return sign(null, bytes, key.privateKey).toString('hex');
}

/** A key as metadata lists it (spec 4.2, `KEY`). */
function keyJson(key: TufKey): JsonObject {
  return {
    keytype: 'ed25519',
    scheme: 'ed25519',
    keyval: { public: key.publicHex },
    'x-rstuf-key-name': key.name,
    ...omitUndefined({ 'x-rstuf-online-key-uri': key.onlineUri }),
  };
}

/** `{ [keyid]: KEY }`, with each key once. */
export function keysJson(keys: readonly TufKey[]): JsonObject {
  return Object.fromEntries(keys.map((key) => [key.keyid, keyJson(key)]));
}

function signingKey(privateKey: KeyObject, label: KeyLabel): RoleSigningKey {
  const jwk = createPublicKey(privateKey).export({ format: 'jwk' });
  if (jwk.crv !== 'Ed25519' || jwk.x === undefined) throw new TypeError('The key is not an ed25519 key.');
  const publicHex = Buffer.from(jwk.x, 'base64url').toString('hex');
  const keyid = keyIdOf(publicHex);
  return { keyid, publicHex, privateKey, ...label };
}
