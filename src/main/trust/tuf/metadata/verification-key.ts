import { type PublicKey, getPublicKey } from '@tufjs/models/dist/utils/key.js';

import type { Identity } from '../../sigstore/certificate-names.ts';

/** A key as metadata lists it (spec 4.2, `KEY`). `value` is `keyval.public` in hex or PEM. */
export interface RawKey {
  readonly type: string;
  readonly scheme: string;
  readonly value: string;
  /** `keyval` of a Sigstore key: it has an identity instead of a public key. */
  readonly holder?: Identity;
}

export type VerificationKey = PublicKey;

/**
 * Parses a key as the reference implementation does: ed25519, ECDSA P-256 and P-384, RSA-PSS. Returns `undefined` for
 * an unknown key, a key that contradicts its type or scheme, and an RSA key below 2048 bits. Such a key never counts.
 */
export function toVerificationKey({ type, scheme, value }: RawKey): VerificationKey | undefined {
  try {
    const key = getPublicKey({ keyType: type, scheme, keyVal: value });
    return matchesDeclaration(key, type, scheme) ? key : undefined;
  } catch {
    return undefined;
  }
}

function matchesDeclaration({ key }: VerificationKey, type: string, scheme: string): boolean {
  if (type === 'ed25519') return scheme === 'ed25519' && key.asymmetricKeyType === 'ed25519';
  if (type === 'rsa') return key.asymmetricKeyType === 'rsa' && (key.asymmetricKeyDetails?.modulusLength ?? 0) >= 2048;
  return key.asymmetricKeyType === 'ec';
}

/** The same text for the same key in every encoding. A point on a curve has a short and a long form. */
export function keyFingerprint({ key }: VerificationKey): string {
  if (key.asymmetricKeyType !== 'ec') return key.export({ type: 'spki', format: 'der' }).toString('base64');
  const { crv, x, y } = key.export({ format: 'jwk' });
  return `${crv} ${x} ${y}`;
}
