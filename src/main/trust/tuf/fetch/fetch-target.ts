import { createHash } from 'node:crypto';

import { UpdateError } from '../../../../shared/errors.ts';
import type { TrustedTarget } from '../../../../shared/trusted-target.ts';
import { type FetchOptions, fetchBytes } from './fetch-metadata.ts';

/**
 * Fetches a small target into memory and verifies it. Tries the base URLs in order and skips a mirror that is
 * unreachable or serves other bytes.
 * @throws UpdateError `TRUST_TOO_LARGE`, and the error of the last mirror
 */
export async function fetchTargetBytes(
  target: TrustedTarget,
  maxBytes: number,
  bases: readonly string[],
  options: FetchOptions,
): Promise<Uint8Array> {
  if (target.length > maxBytes) {
    throw new UpdateError(
      'TRUST_TOO_LARGE',
      `${target.path} has ${target.length} bytes, but only ${maxBytes} are allowed.`,
    );
  }
  let failure: unknown = new UpdateError(
    'TRUST_FILE_MISSING',
    `The repository lists ${target.path} but does not have it. Try again later.`,
    { details: { target: target.path } },
  );
  for (const url of bases.flatMap((base) => target.locations.map((location) => new URL(location, base).href))) {
    try {
      const bytes = await fetchBytes(url, target.length, options);
      if (bytes === undefined) continue;
      if (matchesTarget(bytes, target)) return bytes;
      failure = notSigned(target);
    } catch (error) {
      if (!(error instanceof UpdateError) || error.code === 'CANCELLED') throw error;
      failure = error.code === 'TRUST_TOO_LARGE' ? notSigned(target, error) : error;
    }
  }
  throw failure;
}

function notSigned({ path }: TrustedTarget, cause?: unknown): UpdateError {
  return new UpdateError(
    'TRUST_MISMATCH',
    `${path} does not match its signed hash. Nothing was changed. Try again later. If this lasts, tell the publisher.`,
    { cause, details: { target: path } },
  );
}

/** Whether these are the bytes that the metadata lists. Every listed hash must match. */
export function matchesTarget(bytes: Uint8Array, target: TrustedTarget): boolean {
  const hashes = Object.entries(target.hashes);
  return (
    bytes.length === target.length &&
    hashes.length > 0 &&
    hashes.every(([algorithm, hex]) => createHash(algorithm).update(bytes).digest('hex') === hex)
  );
}
