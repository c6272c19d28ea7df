import { canonicalize } from '@tufjs/canonical-json';

import type { JsonObject } from './json.ts';
import { signBytes, type RoleSigningKey } from './keys.ts';

/** Signed metadata (spec 4.2.1). */
export interface SignedRole {
  readonly signatures: readonly { readonly keyid: string; readonly sig: string }[];
  readonly signed: JsonObject;
}

/** Signs the canonical JSON of a role with all given keys. The caller decides which keys should sign. */
export function signRole(signed: JsonObject, keys: readonly RoleSigningKey[]): SignedRole {
  const bytes = Buffer.from(canonicalize(signed));
  return { signatures: keys.map((key) => ({ keyid: key.keyid, sig: signBytes(key, bytes) })), signed };
}

/**
 * Encodes a metadata file as RSTUF does: one space of indentation, sorted keys, non-ASCII characters escaped. Signatures do
 * not depend on this layout, but comparing files does.
 */
export function encodeRole(role: SignedRole): Uint8Array {
  const sorted = (_key: string, value: unknown): unknown =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : value;
  const text = JSON.stringify(role, sorted, 1);
  return Buffer.from(text.replaceAll(/[\u007f-\uffff]/g, escapeUnit));
}

/** Signs and encodes. */
export function sealRole(signed: JsonObject, keys: readonly RoleSigningKey[]): Uint8Array {
  return encodeRole(signRole(signed, keys));
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
