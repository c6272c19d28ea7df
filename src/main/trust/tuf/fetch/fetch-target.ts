import { createHash } from 'node:crypto';

import { UpdateError } from '../../../../shared/errors.ts';
import type { TrustedTarget } from '../../../../shared/trusted-target.ts';
import { type FetchOptions, fetchBytes } from './fetch-metadata.ts';

/**
 * Fetches a small target into memory from the first place that has it, and verifies it. A mirror that is down or that
 * has other bytes is passed over.
 * @throws UpdateError `TRUST_TOO_LARGE`, and what the last place that was asked failed with
 */
export async function fetchTargetBytes(
  target: TrustedTarget,
  maxBytes: number,
  bases: readonly string[],
  how: FetchOptions,
): Promise<Uint8Array> {
  if (target.length > maxBytes) {
    throw new UpdateError('TRUST_TOO_LARGE', `${target.path} has ${target.length} bytes; ${maxBytes} are allowed.`);
  }
  let failure: unknown = new UpdateError(
    'TRUST_FILE_MISSING',
    `The repository lists ${target.path} but does not have it. Try again later.`,
    { details: { target: target.path } },
  );
  for (const url of bases.flatMap((base) => target.locations.map((location) => new URL(location, base).href))) {
    try {
      const bytes = await fetchBytes(url, target.length, how);
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
    `${path} is not the file that was signed. Nothing was changed. Try again later; if it stays so, tell the publisher.`,
    { cause, details: { target: path } },
  );
}

/** Are these the bytes that metadata lists? Every hash that it gives must match. */
export function matchesTarget(bytes: Uint8Array, target: TrustedTarget): boolean {
  const hashes = Object.entries(target.hashes);
  return (
    bytes.length === target.length &&
    hashes.length > 0 &&
    hashes.every(([algorithm, hex]) => createHash(algorithm).update(bytes).digest('hex') === hex)
  );
}
