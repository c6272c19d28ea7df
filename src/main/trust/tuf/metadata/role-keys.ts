import { omitUndefined } from '../../../../shared/omit-undefined.ts';
import { isRecord, type JsonRecord, malformed } from './parse-envelope.ts';
import { maxKeys } from './limits.ts';
import type { RawKey } from './verification-key.ts';

/** The keys that must sign a role (spec 4.3, `ROLE`). */
export interface RoleKeys {
  readonly keyids: readonly string[];
  readonly threshold: number;
}

/** The keys of a root or of delegations, by key id. @throws UpdateError `TRUST_MALFORMED` */
export function parseKeys(value: unknown, role: string): ReadonlyMap<string, RawKey> {
  const keys = new Map<string, RawKey>();
  for (const [keyid, key] of Object.entries(requireRecord(value, role, 'keys'))) {
    if (!isRecord(key) || !isTextRecord(key['keyval'])) throw malformed(role, 'a key cannot be read');
    const { keytype: type, scheme, keyval } = key;
    if (typeof type !== 'string' || typeof scheme !== 'string') throw malformed(role, 'a key cannot be read');
    keys.set(keyid, { type, scheme, value: keyval['public'] ?? '', ...omitUndefined({ holder: holderOf(keyval) }) });
  }
  return keys;
}

function holderOf({ identity, issuer }: Readonly<Record<string, string>>): RawKey['holder'] {
  return identity === undefined || issuer === undefined ? undefined : { identity, issuer };
}

/** @throws UpdateError `TRUST_MALFORMED` */
export function parseRoleKeys(value: unknown, role: string): RoleKeys {
  const keys = requireRecord(value, role, 'keys of a role');
  const { keyids, threshold } = keys;
  if (!isStringList(keyids) || keyids.length > maxKeys) throw malformed(role, 'the key ids of a role cannot be read');
  if (new Set(keyids).size !== keyids.length) throw malformed(role, 'a role names a key twice');
  if (!isCount(threshold)) throw malformed(role, 'the threshold of a role is not a whole number above zero');
  return { keyids, threshold };
}

export function requireRecord(value: unknown, role: string, what: string): JsonRecord {
  if (!isRecord(value)) throw malformed(role, `it has no ${what}`);
  return value;
}

export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 1;
}

/** A record of strings, such as `keyval` and `hashes`. */
export function isTextRecord(value: unknown): value is Readonly<Record<string, string>> {
  return isRecord(value) && Object.values(value).every((one) => typeof one === 'string');
}

export function isStringList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}
