import { omitUndefined } from '../../shared/omit-undefined.ts';
import { type JsonObject, specVersion } from './json.ts';
import { type Delegation, delegationsJson } from './delegation.ts';

/** The description of a target in metadata (TUF specification, 4.5, `TARGETPATH`). */
export interface TargetInfo {
  /** Bytes. */
  readonly length: number;
  /** Lower-case hex by algorithm: `sha256`, `sha512`. */
  readonly hashes: Readonly<Record<string, string>>;
  readonly custom?: JsonObject;
}

export interface TargetsData {
  readonly version: number;
  readonly expires: string;
  readonly targets: Iterable<readonly [path: string, info: TargetInfo]>;
  readonly delegation?: Delegation;
}

/** The signed part of `N.targets.json` or of a delegated role (spec 4.5). */
export function targetsRole(data: TargetsData): JsonObject {
  const targets = Array.from(data.targets, ([path, info]) => [path, infoJson(info)] as const);
  return {
    _type: 'targets',
    spec_version: specVersion,
    version: data.version,
    expires: data.expires,
    targets: Object.fromEntries(targets),
    ...(data.delegation === undefined ? {} : { delegations: delegationsJson(data.delegation) }),
  };
}

function infoJson(info: TargetInfo): JsonObject {
  return {
    length: info.length,
    hashes: info.hashes,
    ...omitUndefined({ custom: info.custom }),
  };
}
