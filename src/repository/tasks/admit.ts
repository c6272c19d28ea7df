import type { FaultName } from '../faults.ts';
import type { Json } from '../tuf/json.ts';
import type { TargetInfo } from '../tuf/targets.ts';
import type { ArtifactRequest } from './task.ts';

const hashLengths: Readonly<Record<string, number>> = { sha256: 64, sha512: 128 };

/**
 * The reason why an artifact cannot be listed in metadata that clients accept. This repository then fails only the one task,
 * unless it simulates RSTUF's fault.
 */
export function faultOf({ path, info }: ArtifactRequest, played: readonly FaultName[]): string | undefined {
  if (path === '') return 'An artifact has an empty path';
  const poison = played.includes('bad-artifact-poisons') ? undefined : poisonOf(info);
  if (poison !== undefined) return `${path}: ${poison.why}`;
  if (played.includes('bad-hash-signed')) return undefined;
  const bad = Object.entries(info.hashes).find(
    ([algorithm, hash]) => hash.length !== (hashLengths[algorithm] ?? hash.length) || !/^[0-9a-f]+$/.test(hash),
  );
  return bad === undefined ? undefined : `${path}: ${bad[0]} is not a hex digest`;
}

/** What prevents RSTUF from signing: every role, or only the role that is responsible for the artifact. */
export interface Poison {
  readonly why: string;
  readonly spoils: 'every role' | 'its role';
  /** The exception that ends RSTUF's publication. */
  readonly raises: string;
}

export function poisonOf({ length, hashes, custom }: TargetInfo): Poison | undefined {
  if (!Number.isSafeInteger(length) || length < 0) {
    return { why: 'length is not a number of bytes', spoils: 'every role', raises: `KeyError ['length']` };
  }
  if (Object.keys(hashes).length === 0) {
    const raises = `ValueError ['Hashes must be a non empty dictionary']`;
    return { why: 'no hashes', spoils: 'every role', raises };
  }
  if (custom === undefined || isCanonical(custom)) return undefined;
  return { why: 'custom holds a number with a fraction', spoils: 'its role', raises: 'SerializationError []' };
}

/** Canonical JSON allows only safe integers. */
function isCanonical(value: Json): boolean {
  if (typeof value === 'number') return Number.isSafeInteger(value);
  if (typeof value !== 'object' || value === null) return true;
  return Object.values(value).every(isCanonical);
}
