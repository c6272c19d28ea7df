import * as v from 'valibot';

import { type DsseEnvelope, dsseEnvelopeSchema, type OpenEnvelope } from '../../../shared/dsse.ts';
import { UpdateError } from '../../../shared/errors.ts';
import { maxReleaseIndexBytes, releaseIndexPayloadType } from '../../../shared/release-index.ts';

/**
 * Parses the DSSE envelope of a release index (DSSE protocol.md, "Verifying"). Does not parse the payload.
 * @throws UpdateError `TRUST_INDEX_INVALID`, `TRUST_TOO_LARGE`
 */
export function openEnvelope(bytes: Uint8Array): OpenEnvelope {
  if (bytes.length > maxReleaseIndexBytes) {
    throw new UpdateError(
      'TRUST_TOO_LARGE',
      `The release index is ${bytes.length} bytes long; the limit is ${maxReleaseIndexBytes}. The publisher must shorten it.`,
    );
  }
  const envelope = parseEnvelope(bytes);
  if (envelope.payloadType !== releaseIndexPayloadType) throw invalid('its envelope has another payload type');
  return {
    payloadType: envelope.payloadType,
    payload: fromBase64(envelope.payload),
    signatures: envelope.signatures.map(({ keyid, sig }) => ({ keyid, sig: fromBase64(sig) })),
  };
}

function parseEnvelope(bytes: Uint8Array): DsseEnvelope {
  try {
    return v.parse(dsseEnvelopeSchema, JSON.parse(decodeUtf8(bytes)), { abortEarly: true });
  } catch (error) {
    throw invalid('it is not a DSSE envelope', error);
  }
}

/** Decodes strictly: different bytes never decode to the same text. */
export function decodeUtf8(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
}

/** Accepts only canonical base64: different texts never decode to the same bytes. */
function fromBase64(text: string): Uint8Array {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') !== text) throw invalid('its base64 is not canonical');
  return bytes;
}

function invalid(why: string, cause?: unknown): UpdateError {
  return new UpdateError(
    'TRUST_INDEX_INVALID',
    `The release index cannot be read: ${why}. The publisher must publish it again.`,
    { cause },
  );
}
