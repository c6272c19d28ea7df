import { isDeepStrictEqual } from 'node:util';

import type { Root } from '../metadata/roles.ts';
import { type Copies, validCopies } from '../store/cached-copies.ts';
import { verifySnapshot } from '../verify/verify-metadata.ts';

/**
 * Spec 5.3.11: did a later root take the keys away that signed the snapshot seen before? Then what the timestamp said of
 * its version counts no more, or a thief who drove it up would have stopped updates for good. Shown by the stored
 * snapshot: no trusted root verifies it any more, and an earlier one of the chain does.
 * @param copies of the snapshot, as they were stored
 * @param chain from the anchor to the trusted root
 */
export async function isFastForwardRecovery(copies: Copies, chain: readonly Root[]): Promise<boolean> {
  const [trusted, ...earlier] = [...chain].reverse();
  if (trusted === undefined) return false;
  if (await verifiesAny(copies, trusted)) return false;
  let asked = trusted;
  for (const root of earlier) {
    if (hasSameSnapshotKeys(root, asked)) continue;
    if (await verifiesAny(copies, root)) return true;
    asked = root;
  }
  return false;
}

function hasSameSnapshotKeys(one: Root, other: Root): boolean {
  return isDeepStrictEqual(one.roles.snapshot, other.roles.snapshot);
}

async function verifiesAny(copies: Copies, root: Root): Promise<boolean> {
  return (await validCopies(copies, (bytes) => verifySnapshot(root, bytes))).length > 0;
}
