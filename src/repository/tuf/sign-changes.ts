import { type Delegation, delegatedRoleNames, roleForPath } from './delegation.ts';
import type { JsonObject } from './json.ts';
import type { RoleSigningKey } from './keys.ts';
import { encodeRole, sealRole } from './sign.ts';
import { snapshotRole } from './snapshot.ts';
import type { DelegatedState, RepositoryState, RoleState, RootState } from './state.ts';
import { type TargetInfo, targetsRole } from './targets.ts';
import { timestampRole } from './timestamp.ts';

/** A metadata file to write. */
export interface MetadataFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/**
 * The result of a change: the new state, and its files in the order in which they must become visible (root, delegated roles,
 * targets, snapshot, timestamp). Clients see the old state until the timestamp is replaced.
 */
export interface Written {
  readonly state: RepositoryState;
  readonly files: readonly MetadataFile[];
}

/** Signs the online roles. */
export interface OnlineSigner {
  readonly key: RoleSigningKey;
  /** The expiry of the next version of a role: `timestamp`, `snapshot`, `targets` or a delegated role's name. */
  readonly expires: (role: string) => string;
}

/** The roles that get a new version. Snapshot follows every other role, timestamp follows snapshot. */
export interface Changes {
  /** New content by delegated role. */
  readonly delegated?: ReadonlyMap<string, ReadonlyMap<string, TargetInfo>>;
  readonly targets?: boolean;
  readonly snapshot?: boolean;
}

/** A path's new description, or `undefined` to remove it. */
export type TargetChanges = ReadonlyMap<string, TargetInfo | undefined>;

/** Creates the first version of every role below a given root. */
export function createRepository(root: RootState, delegation: Delegation, signer: OnlineSigner): Written {
  const unborn: RoleState = { version: 0, expires: '' };
  const names = delegatedRoleNames(delegation);
  const empty: ReadonlyMap<string, TargetInfo> = new Map();
  const state: RepositoryState = {
    root,
    timestamp: unborn,
    snapshot: unborn,
    targets: { ...unborn, delegation },
    delegated: new Map(names.map((name) => [name, { ...unborn, targets: empty }])),
  };
  const delegated = new Map(names.map((name) => [name, empty]));
  return prependRoot(root, signChanges(state, { delegated, targets: true }, signer));
}

/**
 * The new contents of the delegated roles that a change affects. Paths that no role covers are returned as `uncovered`. Roles
 * that do not change are left out.
 */
export function placeTargets(
  state: RepositoryState,
  changes: TargetChanges,
): { readonly delegated: ReadonlyMap<string, ReadonlyMap<string, TargetInfo>>; readonly uncovered: readonly string[] } {
  const delegated = new Map<string, Map<string, TargetInfo>>();
  const uncovered: string[] = [];
  for (const [path, info] of changes) {
    const role = roleForPath(state.targets.delegation, path);
    if (role === undefined) {
      uncovered.push(path);
      continue;
    }
    const targets = delegated.get(role) ?? new Map(state.delegated.get(role)?.targets);
    delegated.set(role, targets);
    if (info === undefined) targets.delete(path);
    else targets.set(path, info);
  }
  return { delegated, uncovered };
}

/** Writes new versions of the roles that change, then of snapshot and timestamp. */
export function signChanges(state: RepositoryState, changes: Changes, signer: OnlineSigner): Written {
  const files: MetadataFile[] = [];
  const next = (role: string, before: RoleState): RoleState => ({
    version: before.version + 1,
    expires: signer.expires(role),
  });
  const seal = (name: string, signed: JsonObject): void => {
    files.push({ name, bytes: sealRole(signed, [signer.key]) });
  };

  const delegated = new Map(state.delegated);
  for (const [name, targets] of changes.delegated ?? []) {
    const role: DelegatedState = { ...next(name, state.delegated.get(name) ?? { version: 0, expires: '' }), targets };
    delegated.set(name, role);
    seal(`${role.version}.${name}.json`, targetsRole(role));
  }
  const targets = changes.targets ? { ...state.targets, ...next('targets', state.targets) } : state.targets;
  if (targets !== state.targets) seal(`${targets.version}.targets.json`, targetsRole({ ...targets, targets: [] }));

  const renewSnapshot = changes.snapshot === true || files.length > 0;
  const snapshot = renewSnapshot ? next('snapshot', state.snapshot) : state.snapshot;
  if (renewSnapshot) {
    const meta = [['targets', targets] as const, ...delegated];
    seal(`${snapshot.version}.snapshot.json`, snapshotRole({ ...snapshot, meta: meta.map(versionOnly) }));
  }
  const timestamp = next('timestamp', state.timestamp);
  seal('timestamp.json', timestampRole({ ...timestamp, snapshot: { version: snapshot.version } }));
  return { state: { root: state.root, timestamp, snapshot, targets, delegated }, files };
}

/** Publishes a new root. If it names another online key, signs everything again with the new key. */
export function replaceRoot(state: RepositoryState, root: RootState, signer: OnlineSigner): Written {
  const changed: RepositoryState = { ...state, root };
  if (root.onlineKey.keyid === state.root.onlineKey.keyid) return { state: changed, files: [rootFile(root)] };
  return prependRoot(root, resignEverything(changed, signer));
}

/** Creates new versions of all online roles with the signer's key, as RSTUF's online key rotation does. */
export function resignEverything(state: RepositoryState, signer: OnlineSigner): Written {
  const delegation = withKey(state.targets.delegation, signer.key);
  const delegated = new Map(Array.from(state.delegated, ([name, role]) => [name, role.targets]));
  return signChanges({ ...state, targets: { ...state.targets, delegation } }, { delegated, targets: true }, signer);
}

function rootFile(root: RootState): MetadataFile {
  return { name: `${root.version}.root.json`, bytes: encodeRole(root.file) };
}

function prependRoot(root: RootState, written: Written): Written {
  return { state: written.state, files: [rootFile(root), ...written.files] };
}

function versionOnly([name, role]: readonly [string, RoleState]): readonly [string, { readonly version: number }] {
  return [name, { version: role.version }];
}

function withKey(delegation: Delegation, key: RoleSigningKey): Delegation {
  if (delegation.type === 'hash-bins') return { type: 'hash-bins', bins: { ...delegation.bins, keys: [key] } };
  return { type: 'paths', roles: delegation.roles.map((role) => ({ ...role, keys: [key] })) };
}
