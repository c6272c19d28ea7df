import { type JsonObject, specVersion } from './json.ts';
import { type MetaEntry, metaJson } from './timestamp.ts';

export interface SnapshotData {
  readonly version: number;
  readonly expires: string;
  /** By role name, without `.json`: `targets` and every delegated role. */
  readonly meta: Iterable<readonly [role: string, meta: MetaEntry]>;
}

/** The signed part of `N.snapshot.json` (spec 4.4). */
export function snapshotRole(data: SnapshotData): JsonObject {
  const meta = Array.from(data.meta, ([role, file]) => [`${role}.json`, metaJson(file)] as const);
  return {
    _type: 'snapshot',
    spec_version: specVersion,
    version: data.version,
    expires: data.expires,
    meta: Object.fromEntries(meta),
  };
}
