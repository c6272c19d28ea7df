import { UpdateError } from '../../../../shared/errors.ts';
import { parseEnvelope } from '../metadata/parse-envelope.ts';
import type { MetadataCache } from './metadata-cache.ts';
import type { Common, MetaFile, Root, Snapshot, Timestamp } from '../metadata/roles.ts';
import { assertListedBytes, verifySnapshot, verifyTimestamp } from '../verify/verify-metadata.ts';

/** Copies of a file as they were stored: nothing is known of them. */
export type Copies = readonly Uint8Array[];

export interface ValidCopy<T extends Common> {
  readonly bytes: Uint8Array;
  readonly metadata: T;
}

type IsBetter = (stored: Uint8Array) => Promise<boolean>;
type Verify<T extends Common> = (bytes: Uint8Array) => Promise<T>;

/** Those that verify. What does not verify any more is as if it were not there: the store heals. */
export async function validCopies<T extends Common>(
  copies: Copies,
  verify: Verify<T>,
): Promise<readonly ValidCopy<T>[]> {
  const good: ValidCopy<T>[] = [];
  for (const bytes of copies) {
    const metadata = await verify(bytes).catch(refused);
    if (metadata !== undefined) good.push({ bytes, metadata });
  }
  return good;
}

/** The newest of those that verify. */
export async function newestValid<T extends Common>(
  copies: Copies,
  verify: Verify<T>,
): Promise<ValidCopy<T> | undefined> {
  return (await validCopies(copies, verify)).toSorted((a, b) => b.metadata.version - a.metadata.version)[0];
}

/** Are these the bytes that a timestamp or snapshot announces? */
export function isListed(bytes: Uint8Array, role: string, meta: MetaFile): boolean {
  try {
    assertListedBytes(bytes, role, meta);
    return true;
  } catch (error) {
    refused(error);
    return false;
  }
}

// Another process may have gone further while this one waited for its network. What belongs to the newest timestamp that
// is stored stays, so that the store is always whole for an offline reader.

/** Is a stored timestamp newer than the one that is offered? */
export function hasNewerTimestamp(root: Root, offered: Timestamp): IsBetter {
  return async (stored) => {
    const [other] = await validCopies([stored], (bytes) => verifyTimestamp(root, bytes));
    return (other?.metadata.version ?? 0) >= offered.version;
  };
}

/** Is a stored snapshot the one of a newer timestamp? */
export function hasNewerSnapshot(cache: MetadataCache, root: Root, meta: MetaFile): IsBetter {
  return async (stored) => {
    const timestamp = await newestValid(await cache.read('timestamp.json'), (bytes) => verifyTimestamp(root, bytes));
    const announced = timestamp?.metadata.snapshot;
    if (announced === undefined || announced.version <= meta.version) return false;
    const [other] = await validCopies([stored], (bytes) => verifySnapshot(root, bytes));
    return other?.metadata.version === announced.version;
  };
}

/** Is a stored role the one of a newer snapshot? @param verify is given what that snapshot announces */
export function hasNewerRole(
  cache: MetadataCache,
  root: Root,
  role: string,
  meta: MetaFile,
  verify: (bytes: Uint8Array, announced: MetaFile) => Promise<Common>,
): IsBetter {
  return async (stored) => {
    if (!((await claimedVersion(stored, role)) > meta.version)) return false;
    const snapshot = await newestValid<Snapshot>(await cache.read('snapshot.json'), (bytes) =>
      verifySnapshot(root, bytes),
    );
    const announced = snapshot?.metadata.meta.get(`${role}.json`);
    if (announced === undefined || announced.version <= meta.version) return false;
    return (await validCopies([stored], (bytes) => verify(bytes, announced))).length > 0;
  };
}

/** Without a look at the signatures: enough to see that the dearer questions need not be asked. */
async function claimedVersion(bytes: Uint8Array, role: string): Promise<number> {
  const envelope = await parseEnvelope(bytes, 'targets', role).catch(refused);
  return Number(envelope?.signed['version']);
}

function refused(error: unknown): undefined {
  if (!(error instanceof UpdateError)) throw error;
}
