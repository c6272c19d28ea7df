import { type JsonObject, specVersion } from './json.ts';
import { keysJson, type TufKey } from './keys.ts';

/** The keys of a role, and the number of them that must sign. */
export interface KeysAndThreshold {
  readonly keys: readonly TufKey[];
  readonly threshold: number;
}

export interface RootData {
  readonly version: number;
  /** In the format of `tufTime`. */
  readonly expires: string;
  readonly root: KeysAndThreshold;
  readonly timestamp: KeysAndThreshold;
  readonly snapshot: KeysAndThreshold;
  readonly targets: KeysAndThreshold;
  /** @defaultValue true */
  readonly consistentSnapshot?: boolean;
}

/** The signed part of `N.root.json` (spec 4.3). */
export function rootRole(data: RootData): JsonObject {
  const { root, timestamp, snapshot, targets } = data;
  return {
    _type: 'root',
    spec_version: specVersion,
    version: data.version,
    expires: data.expires,
    consistent_snapshot: data.consistentSnapshot ?? true,
    keys: keysJson([root, timestamp, snapshot, targets].flatMap((role) => role.keys)),
    roles: {
      root: roleJson(root),
      timestamp: roleJson(timestamp),
      snapshot: roleJson(snapshot),
      targets: roleJson(targets),
    },
  };
}

/** `{ keyids, threshold }` (spec 4.3, `ROLE`). */
export function roleJson(role: KeysAndThreshold): JsonObject {
  return { keyids: role.keys.map((key) => key.keyid), threshold: role.threshold };
}
