import { createHash } from 'node:crypto';

import { type Delegation, delegationsJson, roleForPath } from '../../src/repository/tuf/delegation.ts';
import { dayMs } from '../../src/shared/durations.ts';
import { type JsonObject, specVersion, tufTime } from '../../src/repository/tuf/json.ts';
import { generateSigningKey } from '../../src/repository/tuf/keys.ts';
import { rootRole } from '../../src/repository/tuf/root.ts';
import { sealRole } from '../../src/repository/tuf/sign.ts';

/** A repository of hash bins, of which only the bin of {@link path} was written. */
export interface BinnedRepository {
  readonly anchor: Uint8Array;
  /** By name, as a web server serves them under `/`. */
  readonly metadata: ReadonlyMap<string, Uint8Array>;
  /** A target that is there. */
  readonly path: string;
  /** The bin that lists it. */
  readonly bin: string;
}

/**
 * A repository of RSTUF's shape of any size in an instant: 2 to the power of `bitLength` bins that share `targets`
 * targets evenly. Every target is an installer with two hashes and `custom`.
 */
export function binnedRepository(bitLength: number, targets: number): BinnedRepository {
  const [rootKey, online] = [generateSigningKey({ name: 'root' }), generateSigningKey({ name: 'online' })];
  const common = { spec_version: specVersion, version: 1, expires: tufTime(Date.now() + 30 * dayMs) };
  const delegation: Delegation = {
    type: 'hash-bins',
    bins: { bitLength, namePrefix: 'bins', keys: [online], threshold: 1 },
  };
  const path = 'org.example.notes/releases/1.0.0/notes-0.AppImage';
  const bin = roleForPath(delegation, path) ?? '';
  const onlineRole = { keys: [online], threshold: 1 };
  const root = rootRole({
    version: 1,
    expires: common.expires,
    root: { keys: [rootKey], threshold: 1 },
    timestamp: onlineRole,
    snapshot: onlineRole,
    targets: onlineRole,
  });
  const digits = (2 ** bitLength - 1).toString(16).length;
  const bins = Array.from({ length: 2 ** bitLength }, (_, at) => `bins-${at.toString(16).padStart(digits, '0')}.json`);
  const meta = Object.fromEntries(['targets.json', ...bins].map((file) => [file, { version: 1 }]));
  const listed = Object.fromEntries(
    Array.from({ length: Math.max(1, Math.round(targets / 2 ** bitLength)) }, (_, at) => [
      at === 0 ? path : `org.example.notes/releases/1.0.0/notes-${at}.AppImage`,
      installer(at),
    ]),
  );
  const signed: Record<string, JsonObject> = {
    'timestamp.json': { ...common, _type: 'timestamp', meta: { 'snapshot.json': { version: 1 } } },
    '1.snapshot.json': { ...common, _type: 'snapshot', meta },
    '1.targets.json': { ...common, _type: 'targets', targets: {}, delegations: delegationsJson(delegation) },
    [`1.${bin}.json`]: { ...common, _type: 'targets', targets: listed },
  };
  const anchor = sealRole(root, [rootKey]);
  const files = Object.entries(signed).map(([name, role]) => [name, sealRole(role, [online])] as const);
  return { anchor, metadata: new Map([...files, ['1.root.json', anchor]]), path, bin };
}

function installer(at: number): JsonObject {
  const hash = (name: string): string => createHash(name).update(String(at)).digest('hex');
  return {
    length: 80_000_000 + at,
    hashes: { sha256: hash('sha256'), sha512: hash('sha512') },
    custom: { app: 'org.example.notes', version: '1.0.0', platform: 'linux', arches: ['x64'], kind: 'appimage' },
  };
}
