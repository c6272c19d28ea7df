import { createHash } from 'node:crypto';

import { UpdateError } from '../../../../shared/errors.ts';
import { parseEnvelope, type Envelope, malformed, truncateName } from '../metadata/parse-envelope.ts';
import type { RoleKeys } from '../metadata/role-keys.ts';
import {
  type Common,
  type MetaFile,
  parseRoot,
  parseSnapshot,
  parseTargets,
  parseTimestamp,
  type Root,
  type Snapshot,
  type Targets,
  type Timestamp,
} from '../metadata/roles.ts';
import type { RawKey } from '../metadata/verification-key.ts';
import { assertThreshold } from './signatures.ts';

// One function for each step of the client workflow that believes something. They hold no state, so that what was seen
// before is always an argument. All throw UpdateErrors with TRUST_… codes that name the role.

/** Milliseconds since the epoch; `-Infinity` when expiry does not matter. */
export type ReferenceTime = number;

/** Spec 5.2: the root that everything starts from. Expired is fine. @throws UpdateError `TRUST_ROOT_INVALID` */
export async function verifyAnchor(bytes: Uint8Array): Promise<Root> {
  try {
    const envelope = await parseEnvelope(bytes, 'root', 'root');
    const root = parseRoot(envelope.signed);
    await assertThreshold(envelope, 'root', root.roles.root, root.keys);
    return root;
  } catch (error) {
    const why = error instanceof UpdateError ? error.message : String(error);
    throw new UpdateError(
      'TRUST_ROOT_INVALID',
      `The root.json that this app trusts cannot be used: ${why} Reinstall the app, or run "electron-tuf init" again.`,
      { cause: error },
    );
  }
}

/** Spec 5.3.4 to 5.3.7: signed by a threshold of the old root and of itself, and the very next version. */
export async function verifyNextRoot(current: Root, bytes: Uint8Array): Promise<Root> {
  const envelope = await parseEnvelope(bytes, 'root', 'root');
  await assertThreshold(envelope, 'root', current.roles.root, current.keys);
  const next = parseRoot(envelope.signed);
  if (next.version !== current.version + 1) {
    throw wrongVersion('root', `version ${next.version} in place of ${current.version + 1}`, next, current.version);
  }
  await assertThreshold(envelope, 'root', next.roles.root, next.keys);
  return next;
}

/** Spec 5.4.2. */
export async function verifyTimestamp(root: Root, bytes: Uint8Array): Promise<Timestamp> {
  const envelope = await parseEnvelope(bytes, 'timestamp', 'timestamp');
  await assertThreshold(envelope, 'timestamp', root.roles.timestamp, root.keys);
  return parseTimestamp(envelope.signed);
}

/** Spec 5.4.3.1. */
export function assertTimestampNotOlder(offered: Timestamp, seen: Timestamp): void {
  if (offered.version < seen.version) {
    throw wrongVersion('timestamp', `version ${offered.version} after ${seen.version}`, offered, seen.version);
  }
}

/** Spec 5.4.3.2, for a timestamp that is new. @returns the refusal, or `undefined` when its snapshot does not go back */
export function listsOlderSnapshot(offered: Timestamp, seen: Timestamp): UpdateError | undefined {
  const [now, before] = [offered.snapshot.version, seen.snapshot.version];
  if (now >= before || offered.version === seen.version) return undefined;
  return wrongVersion('timestamp', `snapshot ${now} after ${before}`, offered, seen.version);
}

/** Spec 5.5.2 and 5.5.3. Whether it is the announced version is asked by {@link assertListedSnapshot}. */
export async function verifySnapshot(root: Root, bytes: Uint8Array): Promise<Snapshot> {
  const envelope = await parseEnvelope(bytes, 'snapshot', 'snapshot');
  await assertThreshold(envelope, 'snapshot', root.roles.snapshot, root.keys);
  return parseSnapshot(envelope.signed);
}

/** Spec 5.5.4. */
export function assertListedSnapshot(snapshot: Snapshot, meta: MetaFile): void {
  if (snapshot.version === meta.version) return;
  throw wrongVersion('snapshot', `version ${snapshot.version} in place of ${meta.version}`, snapshot, meta.version);
}

/** Spec 5.5.5: no role disappears or goes back. */
export function assertSnapshotNotOlder(offered: Snapshot, seen: Snapshot): void {
  for (const [file, before] of seen.meta) {
    const now = offered.meta.get(file);
    if (now === undefined) throw malformed('snapshot', `${truncateName(file)} is not in it any more`);
    if (now.version < before.version) {
      throw wrongVersion(
        'snapshot',
        `${truncateName(file)} ${now.version} after ${before.version}`,
        offered,
        seen.version,
      );
    }
  }
}

/** Spec 5.6.2 to 5.6.4, with the keys of whoever delegates to the role. */
export async function verifyTargets(
  bytes: Uint8Array,
  role: string,
  meta: MetaFile,
  delegator: { readonly keys: ReadonlyMap<string, RawKey>; readonly signers: RoleKeys },
): Promise<Targets> {
  assertListedBytes(bytes, role, meta);
  const envelope: Envelope = await parseEnvelope(bytes, 'targets', role);
  await assertThreshold(envelope, role, delegator.signers, delegator.keys);
  const targets = parseTargets(envelope.signed, role, bytes.length);
  if (targets.version !== meta.version) {
    throw wrongVersion(role, `version ${targets.version} in place of ${meta.version}`, targets, meta.version);
  }
  return targets;
}

/**
 * Spec 5.5.2, 5.6.2: length and hashes, where they are announced. At least one hash must be known; unknown ones beside it
 * say nothing.
 */
export function assertListedBytes(bytes: Uint8Array, role: string, { length, hashes }: MetaFile): void {
  const known = ['sha256', 'sha512'].filter((name) => hashes?.[name] !== undefined);
  if (hashes !== undefined && known.length === 0) {
    throw new UpdateError(
      'TRUST_HASH_UNSUPPORTED',
      `The ${truncateName(role)} metadata is announced with neither sha256 nor sha512. The publisher's repository must announce one of them.`,
      { details: { role: truncateName(role) } },
    );
  }
  const isAnnounced =
    (length === undefined || bytes.length === length) &&
    known.every((name) => createHash(name).update(bytes).digest('hex') === hashes?.[name]);
  if (!isAnnounced) throw notListed(role);
}

export function notListed(role: string, cause?: unknown): UpdateError {
  return new UpdateError(
    'TRUST_MISMATCH',
    `The ${truncateName(role)} metadata is not the one that was announced. Nothing was changed. Try again later.`,
    { cause, details: { role: truncateName(role) } },
  );
}

/** Spec 5.3.10, 5.4.4, 5.5.6, 5.6.5: a freeze attack, a repository that nobody renews, or a wrong clock. */
export function assertNotExpired(metadata: Common, role: string, now: ReferenceTime): void {
  if (now < Date.parse(metadata.expires)) return;
  throw new UpdateError(
    'TRUST_EXPIRED',
    `The ${truncateName(role)} metadata expired on ${metadata.expires.slice(0, 10)}: whether there is something newer cannot be told. Check this device's clock; if it is right, the publisher's repository needs attention.`,
    { details: { role: truncateName(role), version: metadata.version, expires: metadata.expires } },
  );
}

function wrongVersion(role: string, what: string, offered: Common, expected: number): UpdateError {
  return new UpdateError(
    'TRUST_ROLLBACK',
    `The repository offers ${truncateName(role)} metadata of the wrong version: ${what}. Nothing was changed. If this lasts, tell the app's publisher.`,
    { details: { role: truncateName(role), version: offered.version, expected } },
  );
}
