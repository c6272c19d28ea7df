import * as v from 'valibot';

import { type DsseEnvelope, dsseEnvelopeSchema, type OpenEnvelope } from '../../../shared/dsse.ts';
import { UpdateError } from '../../../shared/errors.ts';
import { maxReleaseIndexBytes, releaseIndexPayloadType } from '../../../shared/release-index.ts';

/**
 * Reads a DSSE envelope of a release index (protocol.md, "verifying"), without parsing its payload.
 * @throws UpdateError `TRUST_INDEX_INVALID`, `TRUST_TOO_LARGE`
 */
export function openEnvelope(bytes: Uint8Array): OpenEnvelope {
  if (bytes.length > maxReleaseIndexBytes) {
    throw new UpdateError(
      'TRUST_TOO_LARGE',
      `The release index is ${bytes.length} bytes long; at most ${maxReleaseIndexBytes} are read. The publisher must shorten it.`,
    );
  }
  const envelope = parseEnvelope(bytes);
  if (envelope.payloadType !== releaseIndexPayloadType) throw invalid('it is an envelope of something else');
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
    throw invalid('it is no DSSE envelope', error);
  }
}

/** Decodes strictly, so that different bytes never read as the same text. */
export function decodeUtf8(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
}

/** Only the canonical form: what decodes to the same bytes is the same text. */
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
