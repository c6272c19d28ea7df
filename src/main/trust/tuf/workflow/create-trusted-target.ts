import { omitUndefined } from '../../../../shared/omit-undefined.ts';
import { UpdateError } from '../../../../shared/errors.ts';
import { consistentName } from '../../../../shared/target-path.ts';
import type { TargetHashes, TrustedTarget } from '../../../../shared/trusted-target.ts';
import type { HashPrefix } from '../../contract.ts';

/** What signed metadata lists for a target. */
export interface SignedTarget {
  readonly path: string;
  readonly length: number;
  /** In the order in which they are listed. */
  readonly hashes: Readonly<Record<string, string>>;
  readonly custom: unknown;
}

/**
 * The only place that creates a {@link TrustedTarget}, from verified metadata.
 * @throws UpdateError `TRUST_HASH_UNSUPPORTED` if neither sha256 nor sha512 is listed, `TRUST_MALFORMED` if a listed
 * hash is malformed, `TRUST_TARGET_PATH` if the path cannot be a URL path
 */
export function createTrustedTarget(signed: SignedTarget, prefix: HashPrefix, consistent: boolean): TrustedTarget {
  const hashes = supportedHashes(signed);
  const encoded = encodePath(signed.path);
  const listed = Object.values(signed.hashes)[0] ?? '';
  const named = consistentName(encoded, encodeURIComponent(listed));
  const locations =
    prefix === 'no' ? [encoded] : prefix === 'yes' ? [named] : consistent ? [named, encoded] : [encoded];
  const custom = isRecord(signed.custom) ? Object.assign(Object.create(null), signed.custom) : Object.create(null);
  return Object.freeze({
    path: signed.path,
    length: signed.length,
    hashes,
    custom,
    locations,
  }) as unknown as TrustedTarget;
}

function supportedHashes(signed: SignedTarget): TargetHashes {
  const { sha256, sha512 } = signed.hashes;
  if (sha256 === undefined && sha512 === undefined) {
    throw new UpdateError(
      'TRUST_HASH_UNSUPPORTED',
      `The target ${signed.path} lists no sha256 or sha512 hash. The publisher must publish it again with one.`,
      { details: { target: signed.path } },
    );
  }
  if (!isHex(sha256, 64) || !isHex(sha512, 128) || !Number.isSafeInteger(signed.length) || signed.length < 0) {
    throw new UpdateError('TRUST_MALFORMED', `The target ${signed.path} has a malformed hash or length.`);
  }
  return { ...omitUndefined({ sha256, sha512 }) };
}

function isHex(text: string | undefined, length: number): boolean {
  return text === undefined || (text.length === length && /^[0-9a-f]+$/.test(text));
}

/** Encodes segment by segment, so that no name can leave the base URL. @throws UpdateError `TRUST_TARGET_PATH` */
function encodePath(path: string): string {
  const segments = path.split('/');
  const safe = segments.every((segment) => segment !== '' && segment !== '.' && segment !== '..' && !isUnsafe(segment));
  if (!safe || path.length > 1024) {
    throw new UpdateError('TRUST_TARGET_PATH', `The target path ${JSON.stringify(path.slice(0, 200))} is not allowed.`);
  }
  return segments.map(encodeURIComponent).join('/');
}

/** Servers interpret backslashes and control characters differently. */
function isUnsafe(segment: string): boolean {
  return segment.includes('\\') || Buffer.from(segment).some((byte) => byte < 0x20);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
