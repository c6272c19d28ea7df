import { createHash } from 'node:crypto';

import { globMatches } from './glob.ts';
import type { JsonObject } from './json.ts';
import { keysJson } from './keys.ts';
import { roleJson, type KeysAndThreshold } from './root.ts';

/** A delegated role with path globs (TUF specification, 4.5, `DELEGATIONS`). */
interface PathsRole extends KeysAndThreshold {
  readonly name: string;
  /** Globs; `*` does not cross `/`. */
  readonly paths: readonly string[];
  readonly terminating: boolean;
  /** Days until its metadata expires: `x-rstuf-expire-policy`. */
  readonly expireDays: number;
}

/** Hash bins (TAP 15, `succinct_roles`): 2 to the power of `bitLength` roles `<prefix>-<hex>`. */
interface HashBins extends KeysAndThreshold {
  readonly bitLength: number;
  readonly namePrefix: string;
}

/** How the top-level targets role delegates. RSTUF supports these two forms. */
export type Delegation =
  | { readonly type: 'hash-bins'; readonly bins: HashBins }
  | { readonly type: 'paths'; readonly roles: readonly PathsRole[] };

/** Every delegated role's name, in order. */
export function delegatedRoleNames(delegation: Delegation): readonly string[] {
  if (delegation.type === 'paths') return delegation.roles.map((role) => role.name);
  const { bins } = delegation;
  return Array.from({ length: 2 ** bins.bitLength }, (_, index) => binName(bins, index));
}

/** The role that is responsible for a path: the first match, as in RSTUF. `undefined` if no role matches. */
export function roleForPath(delegation: Delegation, path: string): string | undefined {
  if (delegation.type === 'hash-bins') {
    const { bins } = delegation;
    const prefix = createHash('sha256').update(path).digest().readUInt32BE(0);
    return binName(bins, prefix >>> (32 - bins.bitLength));
  }
  return delegation.roles.find((role) => role.paths.some((glob) => globMatches(glob, path)))?.name;
}

/** The `delegations` object of a targets role. */
export function delegationsJson(delegation: Delegation): JsonObject {
  if (delegation.type === 'hash-bins') {
    const { bins } = delegation;
    return {
      keys: keysJson(bins.keys),
      succinct_roles: { ...roleJson(bins), bit_length: bins.bitLength, name_prefix: bins.namePrefix },
    };
  }
  return {
    keys: keysJson(delegation.roles.flatMap((role) => role.keys)),
    roles: delegation.roles.map((role) => ({
      ...roleJson(role),
      name: role.name,
      paths: role.paths,
      terminating: role.terminating,
      'x-rstuf-expire-policy': role.expireDays,
    })),
  };
}

function binName(bins: HashBins, index: number): string {
  const digits = (2 ** bins.bitLength - 1).toString(16).length;
  return `${bins.namePrefix}-${index.toString(16).padStart(digits, '0')}`;
}
