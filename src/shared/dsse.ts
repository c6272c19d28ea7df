import { createPublicKey, type KeyObject, verify } from 'node:crypto';

import * as v from 'valibot';

import type { PublisherKeySet } from './publisher-keys.ts';

/** A DSSE envelope: https://github.com/secure-systems-lab/dsse/blob/master/envelope.md */
export interface DsseEnvelope {
  readonly payloadType: string;
  /** Base64. */
  readonly payload: string;
  readonly signatures: readonly { readonly keyid: string; readonly sig: string }[];
}

/** An envelope with decoded base64 and an unparsed payload. */
export interface OpenEnvelope {
  readonly payloadType: string;
  readonly payload: Uint8Array;
  readonly signatures: readonly { readonly keyid: string; readonly sig: Uint8Array }[];
}

const base64 = v.pipe(v.string(), v.regex(/^[A-Za-z0-9+/]*={0,2}$/));

export const dsseEnvelopeSchema: v.GenericSchema<unknown, DsseEnvelope> = v.object({
  payloadType: v.string(),
  payload: base64,
  signatures: v.pipe(v.array(v.object({ keyid: v.string(), sig: base64 })), v.maxLength(32)),
});

/** DSSE's pre-authentication encoding: the bytes that are signed (protocol.md, "PAE"). */
export function preAuthenticationEncoding(payloadType: string, payload: Uint8Array): Uint8Array {
  const encoder = new TextEncoder();
  const type = encoder.encode(payloadType);
  const head = encoder.encode(`DSSEv1 ${type.length} ${payloadType} ${payload.length} `);
  const bytes = new Uint8Array(head.length + payload.length);
  bytes.set(head);
  bytes.set(payload, head.length);
  return bytes;
}

/** The ids of the keys in a set that validly signed the envelope. Each key counts once. */
export function goodSigners(
  { payloadType, payload, signatures }: OpenEnvelope,
  set: PublisherKeySet,
): readonly string[] {
  const message = preAuthenticationEncoding(payloadType, payload);
  const isSignedBy = (id: string, key: KeyObject): boolean =>
    signatures.some(({ keyid, sig }) => keyid === id && verify(null, message, key, sig));
  return set.keys
    .filter(({ keyid, keyval }) => isSignedBy(keyid, publicKeyFrom(keyval.public)))
    .map(({ keyid }) => keyid);
}

/** An ed25519 public key from its 32 bytes (RFC 8037, section 2). */
function publicKeyFrom(publicHex: string): KeyObject {
  const x = Buffer.from(publicHex, 'hex').toString('base64url');
  return createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', x } });
}
