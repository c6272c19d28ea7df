import * as v from 'valibot';

import type { Delegation } from './delegation.ts';
import type { JsonObject } from './json.ts';
import type { TufKey } from './keys.ts';
import type { SignedRole } from './sign.ts';
import type { DelegatedState, RoleState, RootState } from './state.ts';
import type { TargetInfo } from './targets.ts';

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const version = v.pipe(count, v.minValue(1));
const roleSchema = v.object({ keyids: v.array(v.string()), threshold: version });
const keySchema = v.looseObject({
  keytype: v.string(),
  scheme: v.string(),
  keyval: v.looseObject({ public: v.string() }),
  'x-rstuf-key-name': v.optional(v.string(), ''),
  'x-rstuf-online-key-uri': v.exactOptional(v.string()),
});
const keysSchema = v.record(v.string(), keySchema);
/** Any JSON object, unchanged. */
export const jsonObject: v.GenericSchema<unknown, JsonObject> = v.custom<JsonObject>(
  (value) => typeof value === 'object' && value !== null,
);

/** The envelope of a metadata file. The signed part is kept unchanged. */
export const signedRoleSchema: v.GenericSchema<unknown, SignedRole> = v.object({
  signatures: v.array(v.object({ keyid: v.string(), sig: v.string() })),
  signed: jsonObject,
});

const rootSchema = v.object({
  _type: v.literal('root'),
  version,
  expires: v.string(),
  keys: keysSchema,
  roles: v.object({ root: roleSchema, timestamp: roleSchema, snapshot: roleSchema, targets: roleSchema }),
});
const targetInfoSchema: v.GenericSchema<unknown, TargetInfo> = v.object({
  length: count,
  hashes: v.record(v.string(), v.string()),
  custom: v.exactOptional(jsonObject),
});
const delegatedSchema = v.object({
  _type: v.literal('targets'),
  version,
  expires: v.string(),
  targets: mapOf(targetInfoSchema),
});
const succinctSchema = v.object({
  keys: keysSchema,
  succinct_roles: v.object({ ...roleSchema.entries, bit_length: count, name_prefix: v.string() }),
});
const pathsSchema = v.object({
  keys: keysSchema,
  roles: v.array(
    v.object({
      ...roleSchema.entries,
      name: v.string(),
      paths: v.array(v.string()),
      terminating: v.boolean(),
      'x-rstuf-expire-policy': v.optional(count, 1),
    }),
  ),
});
const delegationSchema = v.object({ delegations: v.union([succinctSchema, pathsSchema]) });
const roleStateSchema = v.object({ version, expires: v.string() });
const snapshotSchema = v.object({
  ...roleStateSchema.entries,
  meta: mapOf(v.object({ version })),
});
const timestampSchema = v.object({
  ...roleStateSchema.entries,
  meta: v.object({ 'snapshot.json': v.object({ version }) }),
});

/** Reads a metadata file. All readers throw a `ValiError` or `SyntaxError` for bytes that are not metadata. */
export function decodeRole(bytes: Uint8Array): SignedRole {
  return v.parse(signedRoleSchema, JSON.parse(new TextDecoder().decode(bytes)));
}

/** @throws TypeError if the online roles do not share exactly one ed25519 key, as RSTUF requires */
export function readRoot(file: SignedRole): RootState {
  const { version, expires, keys, roles } = v.parse(rootSchema, file.signed);
  const onlineIds = new Set([roles.timestamp, roles.snapshot, roles.targets].flatMap((role) => role.keyids));
  const [onlineId] = onlineIds;
  const onlineKey = onlineId === undefined ? undefined : keyFrom(keys, onlineId);
  if (onlineIds.size !== 1 || onlineKey === undefined) {
    throw new TypeError('timestamp, snapshot and targets must share exactly one ed25519 online key');
  }
  return { version, expires, keyids: roles.root.keyids, threshold: roles.root.threshold, onlineKey, file };
}

export function readTimestamp(file: SignedRole): RoleState & { readonly snapshotVersion: number } {
  const { version, expires, meta } = v.parse(timestampSchema, file.signed);
  return { version, expires, snapshotVersion: meta['snapshot.json'].version };
}

/** The snapshot with the version of each role it lists, by role name. */
export function readSnapshot(file: SignedRole): RoleState & { readonly versions: ReadonlyMap<string, number> } {
  const { version, expires, meta } = v.parse(snapshotSchema, file.signed);
  return {
    version,
    expires,
    versions: new Map(Array.from(meta, ([name, one]) => [name.replace(/\.json$/, ''), one.version])),
  };
}

export function readTopTargets(file: SignedRole): RoleState & { readonly delegation: Delegation } {
  const { version, expires } = v.parse(roleStateSchema, file.signed);
  return { version, expires, delegation: readDelegation(file) };
}

export function readDelegated(file: SignedRole): DelegatedState {
  const { version, expires, targets } = v.parse(delegatedSchema, file.signed);
  return { version, expires, targets };
}

function readDelegation(file: SignedRole): Delegation {
  const { delegations } = v.parse(delegationSchema, file.signed);
  const keysOf = (keyids: readonly string[]): TufKey[] =>
    keyids.flatMap((keyid) => keyFrom(delegations.keys, keyid) ?? []);
  if ('succinct_roles' in delegations) {
    const { keyids, threshold, bit_length, name_prefix } = delegations.succinct_roles;
    const bins = { keys: keysOf(keyids), threshold, bitLength: bit_length, namePrefix: name_prefix };
    return { type: 'hash-bins', bins };
  }
  const roles = delegations.roles.map(({ keyids, 'x-rstuf-expire-policy': expireDays, ...role }) => ({
    ...role,
    keys: keysOf(keyids),
    expireDays,
  }));
  return { type: 'paths', roles };
}

/** Parses an object into a map, so that names from metadata never become property names. */
function mapOf<Value>(schema: v.GenericSchema<unknown, Value>): v.GenericSchema<unknown, ReadonlyMap<string, Value>> {
  return v.pipe(
    jsonObject,
    v.transform((object) => new Map(Object.entries(object).map(([key, value]) => [key, v.parse(schema, value)]))),
  );
}

function keyFrom(keys: v.InferOutput<typeof keysSchema>, keyid: string): TufKey | undefined {
  const key = Object.hasOwn(keys, keyid) ? keys[keyid] : undefined;
  if (key === undefined || key.keytype !== 'ed25519') return undefined;
  const onlineUri = key['x-rstuf-online-key-uri'];
  const known = { keyid, publicHex: key.keyval.public, name: key['x-rstuf-key-name'] };
  return onlineUri === undefined ? known : { ...known, onlineUri };
}
