import type { IdentityVerifier } from '../../sigstore/identity-verifier.ts';
import { isRecord, type JsonRecord, malformed } from './parse-envelope.ts';
import { type Delegations, parseDelegations } from './delegations.ts';
import { isCount, isTextRecord, parseKeys, parseRoleKeys, requireRecord, type RoleKeys } from './role-keys.ts';
import type { RawKey } from './verification-key.ts';

/** The members that every role has (spec 4.3). */
export interface Common {
  readonly version: number;
  /** ISO 8601, as written in the metadata. */
  readonly expires: string;
}

export interface Root extends Common {
  readonly consistentSnapshot: boolean;
  readonly keys: ReadonlyMap<string, RawKey>;
  /** For Sigstore identities among the keys of this root and of all that it leads to. */
  readonly identities: IdentityVerifier | undefined;
  readonly roles: Readonly<Record<'root' | 'timestamp' | 'snapshot' | 'targets', RoleKeys>>;
}

/** The version of another metadata file, with its length and hashes if listed (spec 4.4, `METAFILES`). */
export interface MetaFile {
  readonly version: number;
  readonly length: number | undefined;
  readonly hashes: Readonly<Record<string, string>> | undefined;
}

export interface Timestamp extends Common {
  readonly snapshot: MetaFile;
}

export interface Snapshot extends Common {
  /** By file name: `<role>.json`. */
  readonly meta: ReadonlyMap<string, MetaFile>;
}

export interface Targets extends Common {
  /** Unparsed. Only the target that is looked up is parsed. Check membership with `Object.hasOwn`. */
  readonly targets: JsonRecord;
  readonly delegations: Delegations | undefined;
  /** Bytes of the role's file. */
  readonly size: number;
}

// Each parser takes a signed object whose signatures may not have been checked yet. It throws TRUST_MALFORMED.

/** Spec 4.3. */
export function parseRoot(signed: JsonRecord, identities?: IdentityVerifier): Root {
  const roles = requireRecord(signed['roles'], 'root', 'roles');
  const consistent = signed['consistent_snapshot'];
  for (const role of Object.values(roles)) parseRoleKeys(role, 'root');
  if (typeof consistent !== 'boolean') throw malformed('root', 'consistent_snapshot is neither true nor false');
  return {
    ...parseCommon(signed, 'root'),
    consistentSnapshot: consistent,
    keys: parseKeys(signed['keys'], 'root'),
    identities,
    roles: {
      root: parseRoleKeys(roles['root'], 'root'),
      timestamp: parseRoleKeys(roles['timestamp'], 'root'),
      snapshot: parseRoleKeys(roles['snapshot'], 'root'),
      targets: parseRoleKeys(roles['targets'], 'root'),
    },
  };
}

/** Spec 4.6. */
export function parseTimestamp(signed: JsonRecord): Timestamp {
  const meta = requireRecord(signed['meta'], 'timestamp', 'meta');
  return { ...parseCommon(signed, 'timestamp'), snapshot: parseMetaFile(meta['snapshot.json'], 'timestamp') };
}

/** Spec 4.4. */
export function parseSnapshot(signed: JsonRecord): Snapshot {
  const meta = new Map<string, MetaFile>();
  for (const [file, entry] of Object.entries(requireRecord(signed['meta'], 'snapshot', 'meta'))) {
    meta.set(file, parseMetaFile(entry, 'snapshot'));
  }
  return { ...parseCommon(signed, 'snapshot'), meta };
}

/** Spec 4.5. */
export function parseTargets(signed: JsonRecord, role: string, size: number): Targets {
  return {
    ...parseCommon(signed, role),
    targets: requireRecord(signed['targets'], role, 'targets'),
    delegations: parseDelegations(signed['delegations'], role),
    size,
  };
}

function parseCommon(signed: JsonRecord, role: string): Common {
  const { spec_version: spec, version, expires } = signed;
  if (typeof spec !== 'string' || !/^1\.\d+(\.\d+)?$/.test(spec)) {
    throw malformed(role, 'its specification version is not 1.x');
  }
  if (!isCount(version)) throw malformed(role, 'its version is not a whole number above zero');
  if (typeof expires !== 'string' || !timestampPattern.test(expires) || Number.isNaN(Date.parse(expires))) {
    throw malformed(role, 'its expiry is not a date');
  }
  return { version, expires };
}

/** RFC 3339. TUF writes UTC and whole seconds, but some old roots have fractions and offsets. */
const timestampPattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

function parseMetaFile(value: unknown, role: string): MetaFile {
  if (!isRecord(value)) throw malformed(role, 'a file that it must list is missing');
  const { version, length, hashes } = value;
  if (!isCount(version)) throw malformed(role, 'the version of a file is not a whole number above zero');
  if (length !== undefined && length !== 0 && !isCount(length)) {
    throw malformed(role, 'the length of a file is not a whole number');
  }
  if (hashes !== undefined && !isTextRecord(hashes)) throw malformed(role, 'the hashes of a file cannot be read');
  return { version, length, hashes };
}
