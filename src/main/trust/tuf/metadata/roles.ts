import { isRecord, type JsonRecord, malformed } from './parse-envelope.ts';
import { type Delegations, readDelegations } from './delegations.ts';
import { isCount, isTextRecord, readKeys, readRoleKeys, recordOf, type RoleKeys } from './role-keys.ts';
import type { RawKey } from './verification-key.ts';

/** What every role says of itself (spec 4.3). */
export interface Common {
  readonly version: number;
  /** As written: ISO 8601. */
  readonly expires: string;
}

export interface Root extends Common {
  readonly consistentSnapshot: boolean;
  readonly keys: ReadonlyMap<string, RawKey>;
  readonly roles: Readonly<Record<'root' | 'timestamp' | 'snapshot' | 'targets', RoleKeys>>;
}

/** Version, and perhaps length and hashes, of another metadata file (spec 4.4, `METAFILES`). */
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
  /** As they came; only the one that is looked up is read. Ask with `Object.hasOwn`. */
  readonly targets: JsonRecord;
  readonly delegations: Delegations | undefined;
  /** Bytes of its file. */
  readonly size: number;
}

// Each reader takes a signed object whose signatures need not have been checked yet, and throws TRUST_MALFORMED.

/** Spec 4.3. */
export function parseRoot(signed: JsonRecord): Root {
  const roles = recordOf(signed['roles'], 'root', 'roles');
  const consistent = signed['consistent_snapshot'];
  for (const role of Object.values(roles)) readRoleKeys(role, 'root');
  if (typeof consistent !== 'boolean') throw malformed('root', 'consistent_snapshot is neither true nor false');
  return {
    ...readCommon(signed, 'root'),
    consistentSnapshot: consistent,
    keys: readKeys(signed['keys'], 'root'),
    roles: {
      root: readRoleKeys(roles['root'], 'root'),
      timestamp: readRoleKeys(roles['timestamp'], 'root'),
      snapshot: readRoleKeys(roles['snapshot'], 'root'),
      targets: readRoleKeys(roles['targets'], 'root'),
    },
  };
}

/** Spec 4.6. */
export function parseTimestamp(signed: JsonRecord): Timestamp {
  const meta = recordOf(signed['meta'], 'timestamp', 'meta');
  return { ...readCommon(signed, 'timestamp'), snapshot: readMetaFile(meta['snapshot.json'], 'timestamp') };
}

/** Spec 4.4. */
export function parseSnapshot(signed: JsonRecord): Snapshot {
  const meta = new Map<string, MetaFile>();
  for (const [file, entry] of Object.entries(recordOf(signed['meta'], 'snapshot', 'meta'))) {
    meta.set(file, readMetaFile(entry, 'snapshot'));
  }
  return { ...readCommon(signed, 'snapshot'), meta };
}

/** Spec 4.5. */
export function parseTargets(signed: JsonRecord, role: string, size: number): Targets {
  return {
    ...readCommon(signed, role),
    targets: recordOf(signed['targets'], role, 'targets'),
    delegations: readDelegations(signed['delegations'], role),
    size,
  };
}

function readCommon(signed: JsonRecord, role: string): Common {
  const { spec_version: spec, version, expires } = signed;
  if (typeof spec !== 'string' || !/^1\.\d+(\.\d+)?$/.test(spec)) {
    throw malformed(role, 'its version of the specification is not 1.x');
  }
  if (!isCount(version)) throw malformed(role, 'its version is not a whole number above zero');
  if (typeof expires !== 'string' || !moment.test(expires) || Number.isNaN(Date.parse(expires))) {
    throw malformed(role, 'its expiry is not a date');
  }
  return { version, expires };
}

/** RFC 3339; TUF writes UTC and whole seconds, old roots in the field have fractions and offsets. */
const moment = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

function readMetaFile(value: unknown, role: string): MetaFile {
  if (!isRecord(value)) throw malformed(role, 'a file that it must list is missing');
  const { version, length, hashes } = value;
  if (!isCount(version)) throw malformed(role, 'the version of a file is not a whole number above zero');
  if (length !== undefined && length !== 0 && !isCount(length)) {
    throw malformed(role, 'the length of a file is not a whole number');
  }
  if (hashes !== undefined && !isTextRecord(hashes)) throw malformed(role, 'the hashes of a file cannot be read');
  return { version, length, hashes };
}
