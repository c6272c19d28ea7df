import { UpdateError } from '../../../../shared/errors.ts';
import { parseEnvelope } from '../metadata/parse-envelope.ts';
import type { MetadataCache } from './metadata-cache.ts';
import type { Common, MetaFile, Root, Snapshot, Timestamp } from '../metadata/roles.ts';
import { assertListedBytes, verifySnapshot, verifyTimestamp } from '../verify/verify-metadata.ts';

/** Stored copies of a file. Nothing about them is verified. */
export type Copies = readonly Uint8Array[];

export interface ValidCopy<T extends Common> {
  readonly bytes: Uint8Array;
  readonly metadata: T;
}

type IsBetter = (stored: Uint8Array) => Promise<boolean>;
type Verify<T extends Common> = (bytes: Uint8Array) => Promise<T>;

/** The copies that verify. A copy that no longer verifies counts as missing, so the store heals. */
export async function validCopies<T extends Common>(
  copies: Copies,
  verify: Verify<T>,
): Promise<readonly ValidCopy<T>[]> {
  const valid: ValidCopy<T>[] = [];
  for (const bytes of copies) {
    const metadata = await verify(bytes).catch(ignoreRefusal);
    if (metadata !== undefined) valid.push({ bytes, metadata });
  }
  return valid;
}

/** The newest copy that verifies. */
export async function newestValid<T extends Common>(
  copies: Copies,
  verify: Verify<T>,
): Promise<ValidCopy<T> | undefined> {
  return (await validCopies(copies, verify)).toSorted((a, b) => b.metadata.version - a.metadata.version)[0];
}

/** Whether these are the bytes that a timestamp or snapshot lists. */
export function isListed(bytes: Uint8Array, role: string, meta: MetaFile): boolean {
  try {
    assertListedBytes(bytes, role, meta);
    return true;
  } catch (error) {
    ignoreRefusal(error);
    return false;
  }
}

// Another process may have made progress while this one waited for its network. Files that belong to the newest stored
// timestamp stay, so that the store is always complete for an offline reader.

/** Whether the stored timestamp is at least as new as the offered one. */
export function hasNewerTimestamp(root: Root, offered: Timestamp): IsBetter {
  return async (stored) => {
    const [copy] = await validCopies([stored], (bytes) => verifyTimestamp(root, bytes));
    return (copy?.metadata.version ?? 0) >= offered.version;
  };
}

/** Whether the stored snapshot belongs to a newer timestamp. */
export function hasNewerSnapshot(cache: MetadataCache, root: Root, meta: MetaFile): IsBetter {
  return async (stored) => {
    const timestamp = await newestValid(await cache.read('timestamp.json'), (bytes) => verifyTimestamp(root, bytes));
    const listed = timestamp?.metadata.snapshot;
    if (listed === undefined || listed.version <= meta.version) return false;
    const [copy] = await validCopies([stored], (bytes) => verifySnapshot(root, bytes));
    return copy?.metadata.version === listed.version;
  };
}

/** Whether the stored role belongs to a newer snapshot. @param verify receives what that snapshot lists */
export function hasNewerRole(
  cache: MetadataCache,
  root: Root,
  role: string,
  meta: MetaFile,
  verify: (bytes: Uint8Array, listed: MetaFile) => Promise<Common>,
): IsBetter {
  return async (stored) => {
    if (!((await claimedVersion(stored, role)) > meta.version)) return false;
    const snapshot = await newestValid<Snapshot>(await cache.read('snapshot.json'), (bytes) =>
      verifySnapshot(root, bytes),
    );
    const listed = snapshot?.metadata.meta.get(`${role}.json`);
    if (listed === undefined || listed.version <= meta.version) return false;
    return (await validCopies([stored], (bytes) => verify(bytes, listed))).length > 0;
  };
}

/** The version before any signature check. It shows cheaply whether the expensive checks are needed. */
async function claimedVersion(bytes: Uint8Array, role: string): Promise<number> {
  const envelope = await parseEnvelope(bytes, 'targets', role).catch(ignoreRefusal);
  return Number(envelope?.signed['version']);
}

function ignoreRefusal(error: unknown): undefined {
  if (!(error instanceof UpdateError)) throw error;
}
