import { createHash } from 'node:crypto';

import { UpdateError } from '../../../../shared/errors.ts';
import type { IdentityVerifier } from '../../sigstore/identity-verifier.ts';
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

// One function for each step of the client workflow that establishes trust. The functions hold no state: earlier
// metadata is always an argument. All throw UpdateErrors with TRUST_… codes that name the role.

/** Milliseconds since the epoch. `-Infinity` ignores expiry. */
export type ReferenceTime = number;

/** Spec 5.2: the root from which trust starts. It may be expired. @throws UpdateError `TRUST_ROOT_INVALID` */
export async function verifyAnchor(bytes: Uint8Array, identities?: IdentityVerifier): Promise<Root> {
  try {
    const envelope = await parseEnvelope(bytes, 'root', 'root');
    const root = parseRoot(envelope.signed, identities);
    await assertThreshold(envelope, 'root', root.roles.root, root);
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

/** Spec 5.3.4 to 5.3.7: the next version, signed by a threshold of the keys of both the old root and itself. */
export async function verifyNextRoot(current: Root, bytes: Uint8Array): Promise<Root> {
  const envelope = await parseEnvelope(bytes, 'root', 'root');
  await assertThreshold(envelope, 'root', current.roles.root, current);
  const next = parseRoot(envelope.signed, current.identities);
  if (next.version !== current.version + 1) {
    throw wrongVersion('root', `version ${next.version} instead of ${current.version + 1}`, next, current.version);
  }
  await assertThreshold(envelope, 'root', next.roles.root, next);
  return next;
}

/** Spec 5.4.2. */
export async function verifyTimestamp(root: Root, bytes: Uint8Array): Promise<Timestamp> {
  const envelope = await parseEnvelope(bytes, 'timestamp', 'timestamp');
  await assertThreshold(envelope, 'timestamp', root.roles.timestamp, root);
  return parseTimestamp(envelope.signed);
}

/** Spec 5.4.3.1. */
export function assertTimestampNotOlder(offered: Timestamp, seen: Timestamp): void {
  if (offered.version < seen.version) {
    throw wrongVersion('timestamp', `version ${offered.version} after ${seen.version}`, offered, seen.version);
  }
}

/** Spec 5.4.3.2, for a new timestamp. @returns the refusal, or `undefined` if its snapshot is not older */
export function listsOlderSnapshot(offered: Timestamp, seen: Timestamp): UpdateError | undefined {
  const [now, before] = [offered.snapshot.version, seen.snapshot.version];
  if (now >= before || offered.version === seen.version) return undefined;
  return wrongVersion('timestamp', `snapshot ${now} after ${before}`, offered, seen.version);
}

/** Spec 5.5.2 and 5.5.3. {@link assertListedSnapshot} checks that it is the listed version. */
export async function verifySnapshot(root: Root, bytes: Uint8Array): Promise<Snapshot> {
  const envelope = await parseEnvelope(bytes, 'snapshot', 'snapshot');
  await assertThreshold(envelope, 'snapshot', root.roles.snapshot, root);
  return parseSnapshot(envelope.signed);
}

/** Spec 5.5.4. */
export function assertListedSnapshot(snapshot: Snapshot, meta: MetaFile): void {
  if (snapshot.version === meta.version) return;
  throw wrongVersion('snapshot', `version ${snapshot.version} instead of ${meta.version}`, snapshot, meta.version);
}

/** Spec 5.5.5: no role disappears or gets an older version. */
export function assertSnapshotNotOlder(offered: Snapshot, seen: Snapshot): void {
  for (const [file, before] of seen.meta) {
    const now = offered.meta.get(file);
    if (now === undefined) throw malformed('snapshot', `it no longer lists ${truncateName(file)}`);
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

/** Spec 5.6.2 to 5.6.4, with the keys of the role that delegates to this one. */
export async function verifyTargets(
  root: Root,
  bytes: Uint8Array,
  role: string,
  meta: MetaFile,
  delegator: { readonly keys: ReadonlyMap<string, RawKey>; readonly signers: RoleKeys },
): Promise<Targets> {
  assertListedBytes(bytes, role, meta);
  const envelope: Envelope = await parseEnvelope(bytes, 'targets', role);
  await assertThreshold(envelope, role, delegator.signers, { keys: delegator.keys, identities: root.identities });
  const targets = parseTargets(envelope.signed, role, bytes.length);
  if (targets.version !== meta.version) {
    throw wrongVersion(role, `version ${targets.version} instead of ${meta.version}`, targets, meta.version);
  }
  return targets;
}

/**
 * Spec 5.5.2, 5.6.2: checks length and hashes if they are listed. At least one listed hash algorithm must be supported;
 * unsupported ones are ignored.
 */
export function assertListedBytes(bytes: Uint8Array, role: string, { length, hashes }: MetaFile): void {
  const known = ['sha256', 'sha512'].filter((name) => hashes?.[name] !== undefined);
  if (hashes !== undefined && known.length === 0) {
    throw new UpdateError(
      'TRUST_HASH_UNSUPPORTED',
      `The repository lists the ${truncateName(role)} metadata with neither a sha256 nor a sha512 hash. The publisher's repository must list one of them.`,
      { details: { role: truncateName(role) } },
    );
  }
  const isListed =
    (length === undefined || bytes.length === length) &&
    known.every((name) => createHash(name).update(bytes).digest('hex') === hashes?.[name]);
  if (!isListed) throw notListed(role);
}

export function notListed(role: string, cause?: unknown): UpdateError {
  return new UpdateError(
    'TRUST_MISMATCH',
    `The ${truncateName(role)} metadata does not match its listed length or hash. Nothing was changed. Try again later.`,
    { cause, details: { role: truncateName(role) } },
  );
}

/**
 * Spec 5.3.10, 5.4.4, 5.5.6, 5.6.5. The cause may be a freeze attack, a repository that is not renewed, or a wrong
 * clock.
 */
export function assertNotExpired(metadata: Common, role: string, now: ReferenceTime): void {
  if (now < Date.parse(metadata.expires)) return;
  throw new UpdateError(
    'TRUST_EXPIRED',
    `The ${truncateName(role)} metadata expired on ${metadata.expires.slice(0, 10)}, so it may hide newer updates. Check this device's clock. If it is right, the publisher's repository needs attention.`,
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
