import { goodSigners, type OpenEnvelope } from '../../../shared/dsse.ts';
import { UpdateError } from '../../../shared/errors.ts';
import type { PublisherKeySet } from '../../../shared/publisher-keys.ts';
import type { ReleaseIndex } from '../../../shared/release-index.ts';
import type { ReleaseQuery } from '../../ports.ts';
import { openEnvelope } from './envelope.ts';
import { assertAskedFor, parsePayload } from './payload.ts';

/** An index whose signatures, form and name were checked, with its envelope. */
export interface VerifiedIndex extends OpenEnvelope {
  readonly index: ReleaseIndex;
}

/**
 * Parses the envelope, verifies its signatures, and only then parses the payload. With `none`, no signature is needed: TUF
 * metadata alone decides.
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
      `${signers} of the ${set.keys.length} publisher keys (set ${set.revision}) signed the release index, but ${set.threshold} must. Nothing was installed. If this lasts, tell the app's publisher.`,
      { details: { signers, threshold: set.threshold, revision: set.revision } },
    );
  }
}
