import type { Delegation } from './delegation.ts';
import type { TufKey } from './keys.ts';
import type { SignedRole } from './sign.ts';
import type { TargetInfo } from './targets.ts';

/** The parts of the latest root that the repository itself needs. */
export interface RootState {
  readonly version: number;
  readonly expires: string;
  /** Key ids of the root role. */
  readonly keyids: readonly string[];
  readonly threshold: number;
  /** The one key of timestamp, snapshot, targets and all delegated roles. */
  readonly onlineKey: TufKey;
  readonly file: SignedRole;
}

export interface RoleState {
  readonly version: number;
  readonly expires: string;
}

export interface DelegatedState extends RoleState {
  readonly targets: ReadonlyMap<string, TargetInfo>;
}

/** The content of a repository's current metadata. The next version is made from it. The top-level targets are always empty. */
export interface RepositoryState {
  readonly root: RootState;
  readonly timestamp: RoleState;
  readonly snapshot: RoleState;
  readonly targets: RoleState & { readonly delegation: Delegation };
  /** Every delegated role by name. */
  readonly delegated: ReadonlyMap<string, DelegatedState>;
}

/** Every published target with its metadata. */
export function* publishedTargets(state: RepositoryState): Generator<readonly [path: string, info: TargetInfo]> {
  for (const role of state.delegated.values()) yield* role.targets;
}
