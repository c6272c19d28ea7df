import type { PublisherKeySet } from '../../../shared/publisher-keys.ts';
import type { ReleaseIndex } from '../../../shared/release-index.ts';
import type { ReleaseQuery } from '../../ports.ts';
import { type OpenEnvelope, openEnvelope } from './envelope.ts';
import { assertAskedFor, parsePayload } from './payload.ts';
import { assertSigned } from './signatures.ts';

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
