import type { Json } from '../tuf/json.ts';
import type { ArtifactRequest } from './task.ts';

const hashLengths: Readonly<Record<string, number>> = { sha256: 64, sha512: 128 };

/**
 * Why an artifact cannot stand in metadata. RSTUF takes such artifacts and then fails every later publication; this
 * repository fails the one task.
 */
export function faultOf({ path, info }: ArtifactRequest): string | undefined {
  if (path === '') return 'An artifact has an empty path';
  if (!Number.isSafeInteger(info.length) || info.length < 0) return `${path}: length is not a number of bytes`;
  if (Object.keys(info.hashes).length === 0) return `${path}: no hashes`;
  for (const [algorithm, hash] of Object.entries(info.hashes)) {
    const digits = hashLengths[algorithm] ?? hash.length;
    if (hash.length !== digits || !/^[0-9a-f]+$/.test(hash)) return `${path}: ${algorithm} is not a hex digest`;
  }
  if (info.custom !== undefined && !isCanonical(info.custom)) return `${path}: custom holds a number with a fraction`;
  return undefined;
}

/** Canonical JSON knows safe integers only. */
function isCanonical(value: Json): boolean {
  if (typeof value === 'number') return Number.isSafeInteger(value);
  if (typeof value !== 'object' || value === null) return true;
  return Object.values(value).every(isCanonical);
}
