import { isDeepStrictEqual } from 'node:util';

import type { Root } from '../metadata/roles.ts';
import { type Copies, validCopies } from '../store/cached-copies.ts';
import { verifySnapshot } from '../verify/verify-metadata.ts';

/**
 * Spec 5.3.11: whether a later root revoked the keys that signed the stored snapshot. If so, the snapshot version in
 * the stored timestamp no longer counts. Otherwise a thief who raised it could stop updates permanently. The stored
 * snapshot shows this: the trusted root does not verify it, but an earlier root of the chain does.
 * @param copies stored copies of the snapshot
 * @param chain from the anchor to the trusted root
 */
export async function isFastForwardRecovery(copies: Copies, chain: readonly Root[]): Promise<boolean> {
  const [trusted, ...earlier] = [...chain].reverse();
  if (trusted === undefined) return false;
  if (await verifiesAny(copies, trusted)) return false;
  let checked = trusted;
  for (const root of earlier) {
    if (hasSameSnapshotKeys(root, checked)) continue;
    if (await verifiesAny(copies, root)) return true;
    checked = root;
  }
  return false;
}

function hasSameSnapshotKeys(one: Root, other: Root): boolean {
  return isDeepStrictEqual(one.roles.snapshot, other.roles.snapshot);
}

async function verifiesAny(copies: Copies, root: Root): Promise<boolean> {
  return (await validCopies(copies, (bytes) => verifySnapshot(root, bytes))).length > 0;
}
