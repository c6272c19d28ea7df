import { goodSigners, type OpenEnvelope } from '../../../shared/dsse.ts';
import { UpdateError } from '../../../shared/errors.ts';
import type { PublisherKeySet } from '../../../shared/publisher-keys.ts';
import type { ReleaseIndex } from '../../../shared/release-index.ts';
import type { ReleaseQuery } from '../../ports.ts';
import { openEnvelope } from './envelope.ts';
import { assertAskedFor, parsePayload } from './payload.ts';

/** An index whose signatures, form and name were checked, with the envelope it came in. */
export interface VerifiedIndex extends OpenEnvelope {
  readonly index: ReleaseIndex;
}

/**
 * Envelope, then signatures, and only then the payload. With `none`, nobody's signature is asked for: TUF alone decides.
 * @throws UpdateError `TRUST_INDEX_INVALID`, `TRUST_TOO_LARGE`, `TRUST_PUBLISHER_UNSIGNED`, `TRUST_INDEX_SCHEMA`,
 * `TRUST_INDEX_CONFUSED`
 */
export function verifyIndex(bytes: Uint8Array, query: ReleaseQuery, keys: PublisherKeySet | 'none'): VerifiedIndex {
  const envelope = openEnvelope(bytes);
  if (keys !== 'none') assertSigned(envelope, keys);
  const index = parsePayload(envelope.payload);
  assertAskedFor(index, query);
  return { ...envelope, index };
}

/** @throws UpdateError `TRUST_PUBLISHER_UNSIGNED` */
function assertSigned(envelope: OpenEnvelope, set: PublisherKeySet): void {
  const signers = goodSigners(envelope, set).length;
  if (signers < set.threshold) {
    throw new UpdateError(
      'TRUST_PUBLISHER_UNSIGNED',
      `The release index is signed by ${signers} of the ${set.keys.length} publisher keys (set ${set.revision}); ${set.threshold} must sign. Nothing was installed. If this lasts, ask the app's publisher.`,
      { details: { signers, threshold: set.threshold, revision: set.revision } },
    );
  }
}
