import { verify } from 'node:crypto';

import { preAuthenticationEncoding } from '../../../shared/dsse.ts';
import { UpdateError } from '../../../shared/errors.ts';
import type { PublisherKeySet } from '../../../shared/publisher-keys.ts';
import { releaseIndexPayloadType } from '../../../shared/release-index.ts';
import type { OpenEnvelope } from './envelope.ts';
import { publicKeyFrom } from './keys.ts';

/** How many keys of the set signed the envelope. A key counts once, however often it signed. */
export function countSigners(envelope: OpenEnvelope, set: PublisherKeySet): number {
  const message = preAuthenticationEncoding(releaseIndexPayloadType, envelope.payload);
  return set.keys.filter(({ keyid, keyval }) =>
    envelope.signatures.some(
      (signature) => signature.keyid === keyid && verify(null, message, publicKeyFrom(keyval.public), signature.sig),
    ),
  ).length;
}

/** @throws UpdateError `TRUST_PUBLISHER_UNSIGNED` */
export function assertSigned(envelope: OpenEnvelope, set: PublisherKeySet): void {
  const signers = countSigners(envelope, set);
  if (signers < set.threshold) {
    throw new UpdateError(
      'TRUST_PUBLISHER_UNSIGNED',
      `The release index is signed by ${signers} of the ${set.keys.length} publisher keys (set ${set.revision}); ${set.threshold} must sign. Nothing was installed. If this lasts, ask the app's publisher.`,
      { details: { signers, threshold: set.threshold, revision: set.revision } },
    );
  }
}
