import { omitUndefined } from '../../shared/omit-undefined.ts';
import { type JsonObject, specVersion } from './json.ts';

/** The description of a file in snapshot and timestamp (TUF specification, 4.4). RSTUF writes only the version. */
export interface MetaEntry {
  readonly version: number;
  /** Bytes. */
  readonly length?: number;
  readonly hashes?: Readonly<Record<string, string>>;
}

export interface TimestampData {
  readonly version: number;
  readonly expires: string;
  readonly snapshot: MetaEntry;
}

/** The signed part of `timestamp.json` (spec 4.6). */
export function timestampRole(data: TimestampData): JsonObject {
  return {
    _type: 'timestamp',
    spec_version: specVersion,
    version: data.version,
    expires: data.expires,
    meta: { 'snapshot.json': metaJson(data.snapshot) },
  };
}

export function metaJson(meta: MetaEntry): JsonObject {
  return {
    version: meta.version,
    ...omitUndefined({ length: meta.length, hashes: meta.hashes }),
  };
}
