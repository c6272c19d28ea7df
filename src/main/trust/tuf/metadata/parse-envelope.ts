import { omitUndefined } from '../../../../shared/omit-undefined.ts';
import { UpdateError } from '../../../../shared/errors.ts';
import { yieldIfLarge } from './cooperative-yield.ts';
import { limits, maxDepth, maxKeys, type MetadataKind } from './limits.ts';

/** A JSON object from outside. Nothing is known about its members. */
export type JsonRecord = Readonly<Record<string, unknown>>;

/** Spec 4.2, `SIGNATURES`. */
export interface MetadataSignature {
  readonly keyid: string;
  readonly sig: string;
  /** What securesystemslib adds for a Sigstore key. Nothing about it is checked. */
  readonly bundle?: unknown;
}

/** A metadata file that was parsed but not yet verified (spec 4.2.1). */
export interface Envelope {
  readonly signed: JsonRecord;
  readonly signatures: readonly MetadataSignature[];
}

/**
 * Checks the limits of a metadata file and parses it. Size, entries and depth are counted over the bytes first, in one
 * pass, because unsigned data must not cost much time or memory. Yields to other work between the steps.
 * @param role the role's name, for messages
 * @throws UpdateError `TRUST_TOO_LARGE`, `TRUST_MALFORMED`, `TRUST_SERVER` for a web page, `TRUST_UNSIGNED` if two
 * signatures have the same key id (spec 4.2.1)
 */
export async function parseEnvelope(bytes: Uint8Array, kind: MetadataKind, role: string): Promise<Envelope> {
  const limit = limits[kind];
  if (bytes.length > limit.bytes) {
    throw tooLarge(role, `it has ${bytes.length} bytes, but at most ${limit.bytes} are allowed`);
  }
  if (isWebPage(bytes)) throw webPage(role);
  const { entries, depth } = measure(bytes, limit.entries);
  if (entries > limit.entries) throw tooLarge(role, `it has more than ${limit.entries} entries`);
  if (depth > maxDepth) throw malformed(role, `it is nested more than ${maxDepth} levels deep`);
  await yieldIfLarge(bytes);
  const document = parse(bytes, role);
  await yieldIfLarge(bytes);
  if (!isRecord(document) || !isRecord(document['signed'])) throw malformed(role, 'it has no signed part');
  const { signed } = document;
  if (signed['_type'] !== kind) throw malformed(role, `it is not of the type ${kind}`);
  return { signed, signatures: parseSignatures(document['signatures'], role) };
}

/** Counts brackets and commas outside strings without parsing the JSON. Stops early beyond `maxEntries`. */
function measure(bytes: Uint8Array, maxEntries: number): { readonly entries: number; readonly depth: number } {
  let [entries, depth, deepest, inString] = [0, 0, 0, false];
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (inString) {
      if (byte === backslash) at++;
      else if (byte === quote) inString = false;
    } else if (byte === quote) inString = true;
    else if (byte === comma) {
      entries++;
      if (entries > maxEntries) break;
    } else if (byte === openBrace || byte === openBracket) {
      entries++;
      depth++;
      if (depth > deepest) deepest = depth;
      if (deepest > maxDepth || entries > maxEntries) break;
    } else if (byte === closeBrace || byte === closeBracket) depth--;
  }
  return { entries, depth: deepest };
}

const [quote, backslash, comma, openBrace, closeBrace, openBracket, closeBracket] = [
  0x22, 0x5c, 0x2c, 0x7b, 0x7d, 0x5b, 0x5d,
];

/** Decodes strictly, so that different bytes never decode to the same text. */
function parse(bytes: Uint8Array, role: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch (error) {
    throw malformed(role, 'it is not JSON', error);
  }
}

function parseSignatures(list: unknown, role: string): Envelope['signatures'] {
  if (!Array.isArray(list) || list.length > maxKeys) throw malformed(role, 'its signatures cannot be read');
  const signatures = list.map((one: unknown) => {
    if (!isRecord(one) || typeof one['keyid'] !== 'string' || typeof one['sig'] !== 'string') {
      throw malformed(role, 'a signature cannot be read');
    }
    return { keyid: one['keyid'], sig: one['sig'], ...omitUndefined({ bundle: one['bundle'] }) };
  });
  if (new Set(signatures.map(({ keyid }) => keyid)).size !== signatures.length) {
    throw new UpdateError(
      'TRUST_UNSIGNED',
      `The ${truncateName(role)} metadata has two signatures with the same key id. Nothing was changed. If this lasts, tell the app's publisher.`,
      { details: { role: truncateName(role) } },
    );
  }
  return signatures;
}

export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `why` completes the sentence "…cannot be read: ". */
export function malformed(role: string, why: string, cause?: unknown): UpdateError {
  return new UpdateError(
    'TRUST_MALFORMED',
    `The ${truncateName(role)} metadata cannot be read: ${why}. Nothing was changed. Try again later. If this lasts, the publisher's repository needs attention.`,
    { cause, details: { role: truncateName(role) } },
  );
}

function tooLarge(role: string, why: string): UpdateError {
  return new UpdateError(
    'TRUST_TOO_LARGE',
    `The ${truncateName(role)} metadata is larger than allowed: ${why}. Nothing was changed. If this lasts, tell the app's publisher.`,
    { details: { role: truncateName(role) } },
  );
}

/** What a network with a login page sends, or a web app for unknown paths. */
function isWebPage(bytes: Uint8Array): boolean {
  return /^\s*<(!doctype|html|\?xml|head|body)/i.test(Buffer.from(bytes.subarray(0, 64)).toString('latin1'));
}

function webPage(role: string): UpdateError {
  return new UpdateError(
    'TRUST_SERVER',
    `The server sent a web page instead of the ${truncateName(role)} metadata. If this network asks you to log in, do so and try again. Otherwise check the address of the update repository.`,
    { details: { role: truncateName(role) } },
  );
}

/** Role names come from outside and can have any length. */
export function truncateName(role: string): string {
  return role.length <= 80 ? role : `${role.slice(0, 79)}…`;
}
