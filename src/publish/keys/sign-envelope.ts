import { createHash, sign } from 'node:crypto';

import { type DsseEnvelope, goodSigners, preAuthenticationEncoding } from '../../shared/dsse.ts';
import type { PublisherKeySet } from '../../shared/publisher-keys.ts';
import { maxReleaseIndexBytes, type ReleaseIndex, releaseIndexPayloadType } from '../../shared/release-index.ts';
import { UpdateError } from '../../shared/errors.ts';
import type { SigningKey } from './key-file.ts';

/** Wraps an index in an envelope without signatures. */
export function toEnvelope(index: ReleaseIndex): DsseEnvelope {
  const payload = Buffer.from(JSON.stringify(index), 'utf8').toString('base64');
  return { payloadType: releaseIndexPayloadType, payload, signatures: [] };
}

/** Adds signatures (DSSE protocol, "signing"). Replaces the signature of a key that has signed before. */
export function signEnvelope(envelope: DsseEnvelope, keys: readonly SigningKey[]): DsseEnvelope {
  const message = messageOf(envelope);
  const added = keys.map(({ publicKey, privateKey }) => ({
    keyid: publicKey.keyid,
    sig: sign(null, message, privateKey).toString('base64'),
  }));
  const kept = envelope.signatures.filter((old) => !added.some((signature) => signature.keyid === old.keyid));
  return { ...envelope, signatures: [...kept, ...added] };
}

/** The ids of the keys in `set` that have validly signed the envelope. */
export function signersOf({ payloadType, payload, signatures }: DsseEnvelope, set: PublisherKeySet): readonly string[] {
  const decoded = signatures.map(({ keyid, sig }) => ({ keyid, sig: Buffer.from(sig, 'base64') }));
  return goodSigners({ payloadType, payload: Buffer.from(payload, 'base64'), signatures: decoded }, set);
}

/** Encodes the file that is published. @throws UpdateError `PUBLISH_INPUT` if it is larger than clients accept */
export function encodeEnvelope(envelope: DsseEnvelope): Uint8Array {
  const bytes = Buffer.from(`${JSON.stringify(envelope)}\n`, 'utf8');
  if (bytes.length > maxReleaseIndexBytes) {
    throw new UpdateError(
      'PUBLISH_INPUT',
      `The release index would be ${bytes.length} bytes long; clients read at most ${maxReleaseIndexBytes}. Shorten the release notes.`,
    );
  }
  return bytes;
}

/** SHA-256 of the payload, lower-case hex. It identifies the content of an index regardless of its signatures. */
export function payloadDigest({ payload }: DsseEnvelope): string {
  return createHash('sha256').update(Buffer.from(payload, 'base64')).digest('hex');
}

function messageOf(envelope: DsseEnvelope): Uint8Array {
  return preAuthenticationEncoding(envelope.payloadType, Buffer.from(envelope.payload, 'base64'));
}
