import { type PublicKey, getPublicKey } from '@tufjs/models/dist/utils/key.js';

/** A key as metadata lists it (spec 4.2, `KEY`); `value` is `keyval.public`: hex or PEM. */
export interface RawKey {
  readonly type: string;
  readonly scheme: string;
  readonly value: string;
}

export type VerificationKey = PublicKey;

/**
 * The reference implementation's reading of a key: ed25519, ECDSA P-256 and P-384, RSA-PSS. `undefined` for a key that it
 * does not know, that is not what its type and scheme say, or that is an RSA key below 2048 bits: such a key never counts.
 */
export function toVerificationKey({ type, scheme, value }: RawKey): VerificationKey | undefined {
  try {
    const key = getPublicKey({ keyType: type, scheme, keyVal: value });
    return isWhatItSays(key, type, scheme) ? key : undefined;
  } catch {
    return undefined;
  }
}

function isWhatItSays({ key }: VerificationKey, type: string, scheme: string): boolean {
  if (type === 'ed25519') return scheme === 'ed25519' && key.asymmetricKeyType === 'ed25519';
  if (type === 'rsa') return key.asymmetricKeyType === 'rsa' && (key.asymmetricKeyDetails?.modulusLength ?? 0) >= 2048;
  return key.asymmetricKeyType === 'ec';
}

/** The same text for the same key, however it is written: a point of a curve has a short and a long form. */
export function keyFingerprint({ key }: VerificationKey): string {
  if (key.asymmetricKeyType !== 'ec') return key.export({ type: 'spki', format: 'der' }).toString('base64');
  const { crv, x, y } = key.export({ format: 'jwk' });
  return `${crv} ${x} ${y}`;
}
