import { createHash } from 'node:crypto';

import { isRecord, malformed } from './parse-envelope.ts';
import { maxPatternLength } from './limits.ts';
import { matchesPathPattern } from './path-pattern.ts';
import { isStringList, parseKeys, parseRoleKeys, type RoleKeys } from './role-keys.ts';
import type { RawKey } from './verification-key.ts';

/** A role to which a targets role delegates a path. */
interface DelegatedRole extends RoleKeys {
  readonly name: string;
  /** A terminating role ends the search if it does not list the target (spec 5.6.7.2.1). */
  readonly terminating: boolean;
}

/** Which roles are responsible for which paths (spec 4.5, `DELEGATIONS`). */
export interface Delegations {
  readonly keys: ReadonlyMap<string, RawKey>;
  /** The roles that a path is delegated to, in order of priority. */
  rolesFor(path: string): readonly DelegatedRole[];
}

/** @throws UpdateError `TRUST_MALFORMED` */
export function parseDelegations(value: unknown, role: string): Delegations | undefined {
  if (value === undefined) return undefined;
  if (!isRecord(value)) throw malformed(role, 'its delegations cannot be read');
  const { roles, succinct_roles: bins } = value;
  if ((roles === undefined) === (bins === undefined)) {
    throw malformed(role, 'it must delegate either to roles or to hash bins');
  }
  const keys = parseKeys(value['keys'], role);
  if (bins !== undefined) return { keys, rolesFor: hashBins(bins, role) };
  if (!Array.isArray(roles)) throw malformed(role, 'its delegated roles cannot be read');
  const list = roles.map((one: unknown) => parseDelegatedRole(one, role));
  if (new Set(list.map(({ name }) => name)).size !== list.length) throw malformed(role, 'it delegates to a role twice');
  if (list.reduce((sum, one) => sum + one.patternLength, 0) > maxPatternLength) {
    throw malformed(role, `the patterns of its delegated roles have more than ${maxPatternLength} characters`);
  }
  return {
    keys,
    rolesFor(path) {
      const hash = hashOf(path).toString('hex');
      return list.filter((one) => one.matches(path, hash));
    },
  };
}

interface PathsRole extends DelegatedRole {
  /** Total characters of all its patterns. */
  readonly patternLength: number;
  /** @param hash SHA-256 of the path, in hex */
  matches(path: string, hash: string): boolean;
}

const topLevel = new Set(['root', 'timestamp', 'snapshot', 'targets']);

function parseDelegatedRole(value: unknown, role: string): PathsRole {
  if (!isRecord(value)) throw malformed(role, 'a delegated role cannot be read');
  const { name, terminating, paths, path_hash_prefixes: prefixes } = value;
  if (typeof name !== 'string' || name === '' || topLevel.has(name)) {
    throw malformed(role, 'a delegated role has no name of its own');
  }
  if (typeof terminating !== 'boolean') throw malformed(role, 'terminating is neither true nor false');
  if (paths !== undefined && prefixes !== undefined) throw malformed(role, 'a delegated role has two kinds of paths');
  const [patterns, hashPrefixes] = [parseStrings(paths, role), parseStrings(prefixes, role)];
  return {
    name,
    terminating,
    ...parseRoleKeys(value, role),
    patternLength: patterns.join('').length,
    matches: (path, hash) =>
      patterns.some((pattern) => matchesPathPattern(path, pattern)) ||
      hashPrefixes.some((start) => hash.startsWith(start)),
  };
}

/** A role without `paths` and `path_hash_prefixes` is responsible for no path. */
function parseStrings(list: unknown, role: string): readonly string[] {
  if (list === undefined) return [];
  if (!isStringList(list)) throw malformed(role, 'the paths of a delegated role cannot be read');
  return list;
}

/** TAP 15: `2^bit_length` roles named `<name_prefix>-<hex>`. A path belongs to the role that its hash begins with. */
function hashBins(value: unknown, role: string): Delegations['rolesFor'] {
  if (!isRecord(value)) throw malformed(role, 'its hash bins cannot be read');
  const { bit_length: bits, name_prefix: prefix } = value;
  if (!Number.isSafeInteger(bits) || (bits as number) < 1 || (bits as number) > 32) {
    throw malformed(role, 'the bit length of its hash bins is not one of 1 to 32');
  }
  if (typeof prefix !== 'string') throw malformed(role, 'its hash bins have no name');
  const keys = parseRoleKeys(value, role);
  return (path) => [{ name: binName(path, bits as number, prefix), terminating: true, ...keys }];
}

function binName(path: string, bits: number, prefix: string): string {
  const bin = hashOf(path).readUInt32BE(0) >>> (32 - bits);
  const digits = (2 ** bits - 1).toString(16).length;
  return `${prefix}-${bin.toString(16).padStart(digits, '0')}`;
}

function hashOf(path: string): Buffer {
  return createHash('sha256').update(path).digest();
}
