import { type PublicKey, getPublicKey } from '@tufjs/models/dist/utils/key.js';

/** A key as metadata lists it (spec 4.2, `KEY`); `value` is `keyval.public`: hex or PEM. */
export interface KeyText {
  readonly type: string;
  readonly scheme: string;
  readonly value: string;
}

export type VerifyingKey = PublicKey;

/**
 * The reference implementation's reading of a key: ed25519, ECDSA P-256 and P-384, RSA-PSS. `undefined` for a key that it
 * does not know: such a key never counts.
 */
export function verifyingKey({ type, scheme, value }: KeyText): VerifyingKey | undefined {
  try {
    return getPublicKey({ keyType: type, scheme, keyVal: value });
  } catch {
    return undefined;
  }
}
