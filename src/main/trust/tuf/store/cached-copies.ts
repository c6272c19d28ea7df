import { UpdateError } from '../../../../shared/errors.ts';
import { admit } from '../metadata/parse-envelope.ts';
import type { Memory } from './metadata-cache.ts';
import type { Common, MetaFile, Root, Snapshot, Timestamp } from '../metadata/roles.ts';
import { assertAnnouncedBytes, verifySnapshot, verifyTimestamp } from '../verify/verify-metadata.ts';

/** Copies of a file as they were stored: nothing is known of them. */
export type Copies = readonly Uint8Array[];

export interface Verified<T extends Common> {
  readonly bytes: Uint8Array;
  readonly metadata: T;
}

type IsBetter = (stored: Uint8Array) => Promise<boolean>;
type Verify<T extends Common> = (bytes: Uint8Array) => Promise<T>;

/** Those that verify. What does not verify any more is as if it were not there: the store heals. */
export async function verified<T extends Common>(copies: Copies, verify: Verify<T>): Promise<readonly Verified<T>[]> {
  const good: Verified<T>[] = [];
  for (const bytes of copies) {
    const metadata = await verify(bytes).catch(refused);
    if (metadata !== undefined) good.push({ bytes, metadata });
  }
  return good;
}

/** The newest of those that verify. */
export async function newest<T extends Common>(copies: Copies, verify: Verify<T>): Promise<Verified<T> | undefined> {
  return (await verified(copies, verify)).toSorted((a, b) => b.metadata.version - a.metadata.version)[0];
}

/** Are these the bytes that a timestamp or snapshot announces? */
export function isAnnounced(bytes: Uint8Array, role: string, meta: MetaFile): boolean {
  try {
    assertAnnouncedBytes(bytes, role, meta);
    return true;
  } catch (error) {
    refused(error);
    return false;
  }
}

// Another process may have gone further while this one waited for its network. What belongs to the newest timestamp that
// is stored stays, so that the store is always whole for an offline reader.

/** Is a stored timestamp newer than the one that is offered? */
export function isNewerTimestamp(root: Root, offered: Timestamp): IsBetter {
  return async (stored) => {
    const [other] = await verified([stored], (bytes) => verifyTimestamp(root, bytes));
    return (other?.metadata.version ?? 0) >= offered.version;
  };
}

/** Is a stored snapshot the one of a newer timestamp? */
export function isNewerSnapshot(memory: Memory, root: Root, meta: MetaFile): IsBetter {
  return async (stored) => {
    const timestamp = await newest(await memory.read('timestamp.json'), (bytes) => verifyTimestamp(root, bytes));
    const announced = timestamp?.metadata.snapshot;
    if (announced === undefined || announced.version <= meta.version) return false;
    const [other] = await verified([stored], (bytes) => verifySnapshot(root, bytes));
    return other?.metadata.version === announced.version;
  };
}

/** Is a stored role the one of a newer snapshot? @param verify is given what that snapshot announces */
export function isNewerRole(
  memory: Memory,
  root: Root,
  role: string,
  meta: MetaFile,
  verify: (bytes: Uint8Array, announced: MetaFile) => Promise<Common>,
): IsBetter {
  return async (stored) => {
    if (!((await claimedVersion(stored, role)) > meta.version)) return false;
    const snapshot = await newest<Snapshot>(await memory.read('snapshot.json'), (bytes) => verifySnapshot(root, bytes));
    const announced = snapshot?.metadata.meta.get(`${role}.json`);
    if (announced === undefined || announced.version <= meta.version) return false;
    return (await verified([stored], (bytes) => verify(bytes, announced))).length > 0;
  };
}

/** Without a look at the signatures: enough to see that the dearer questions need not be asked. */
async function claimedVersion(bytes: Uint8Array, role: string): Promise<number> {
  const envelope = await admit(bytes, 'targets', role).catch(refused);
  return Number(envelope?.signed['version']);
}

function refused(error: unknown): undefined {
  if (!(error instanceof UpdateError)) throw error;
}
