import { createHash, createPublicKey, sign, verify } from 'node:crypto';

import { type DsseEnvelope, preAuthenticationEncoding } from '../../shared/dsse.ts';
import type { PublisherKeySet } from '../../shared/publisher-keys.ts';
import { maxReleaseIndexBytes, type ReleaseIndex, releaseIndexPayloadType } from '../../shared/release-index.ts';
import { UpdateError } from '../../shared/errors.ts';
import type { SigningKey } from './key-file.ts';

/** Puts an index into an envelope that has no signature yet. */
export function toEnvelope(index: ReleaseIndex): DsseEnvelope {
  const payload = Buffer.from(JSON.stringify(index), 'utf8').toString('base64');
  return { payloadType: releaseIndexPayloadType, payload, signatures: [] };
}

/** Adds signatures (DSSE protocol, "signing"); a key that has signed before signs afresh. */
export function signEnvelope(envelope: DsseEnvelope, keys: readonly SigningKey[]): DsseEnvelope {
  const message = messageOf(envelope);
  const added = keys.map(({ publicKey, privateKey }) => ({
    keyid: publicKey.keyid,
    sig: sign(null, message, privateKey).toString('base64'),
  }));
  const kept = envelope.signatures.filter((old) => !added.some((signature) => signature.keyid === old.keyid));
  return { ...envelope, signatures: [...kept, ...added] };
}

/** The keys of a set whose signatures on the envelope are good. Each key counts once. */
export function goodSigners(envelope: DsseEnvelope, set: PublisherKeySet): readonly string[] {
  const message = messageOf(envelope);
  return set.keys
    .filter((key) =>
      envelope.signatures.some(
        ({ keyid, sig }) =>
          keyid === key.keyid && verify(null, message, publicKeyOf(key.keyval.public), Buffer.from(sig, 'base64')),
      ),
    )
    .map((key) => key.keyid);
}

/** The file as it is published. @throws UpdateError `PUBLISH_INPUT` when clients would refuse its size */
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

/** SHA-256 of the payload, lower-case hex: what an index says, whatever keys have signed it. */
export function payloadDigest({ payload }: DsseEnvelope): string {
  return createHash('sha256').update(Buffer.from(payload, 'base64')).digest('hex');
}

function messageOf(envelope: DsseEnvelope): Uint8Array {
  return preAuthenticationEncoding(envelope.payloadType, Buffer.from(envelope.payload, 'base64'));
}

function publicKeyOf(hex: string): ReturnType<typeof createPublicKey> {
  const x = Buffer.from(hex, 'hex').toString('base64url');
  return createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', x } });
}
