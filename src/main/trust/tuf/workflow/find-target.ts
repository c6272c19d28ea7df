import { isRecord, malformed } from '../metadata/parse-envelope.ts';
import { maxVisitedRoles } from '../metadata/limits.ts';
import type { SignedTarget } from './create-trusted-target.ts';
import { isTextRecord } from '../metadata/role-keys.ts';
import type { Targets } from '../metadata/roles.ts';
import type { Delegator, TrustedMetadata } from './refresh.ts';

interface Visit {
  readonly role: string;
  readonly delegator: Delegator;
}

/** A target, and the role that lists it. */
export interface FoundTarget {
  readonly signed: SignedTarget;
  readonly role: string;
  readonly delegator: Delegator;
}

/**
 * Spec 5.6.7: preorder depth-first search through the delegations. Each role is loaded with the keys of the role that
 * delegates to it, and visited once.
 * @throws UpdateError `TRUST_…` if a role on the way cannot be verified, because its answer is unknown
 */
export async function findTarget(metadata: TrustedMetadata, path: string): Promise<FoundTarget | undefined> {
  const { keys, roles } = metadata.root;
  const toVisit: Visit[] = [{ role: 'targets', delegator: { keys, signers: roles.targets } }];
  const visited = new Set<string>();
  while (visited.size <= maxVisitedRoles) {
    const next = toVisit.pop();
    if (next === undefined) return undefined;
    if (visited.has(next.role)) continue;
    visited.add(next.role);
    const isTop = next.role === 'targets';
    const targets = isTop ? metadata.targets : await metadata.loadDelegatedRole(next.role, next.delegator);
    const signed = listedTarget(targets, path, next.role);
    if (signed !== undefined) return { signed, ...next };
    const children = childrenOf(targets, path);
    if (children.terminated) toVisit.length = 0;
    toVisit.push(...children.visits.toReversed());
  }
  return undefined;
}

function childrenOf(
  { delegations }: Targets,
  path: string,
): { readonly visits: readonly Visit[]; readonly terminated: boolean } {
  const visits: Visit[] = [];
  if (delegations === undefined) return { visits, terminated: false };
  for (const { name, terminating, keyids, threshold } of delegations.rolesFor(path)) {
    visits.push({ role: name, delegator: { keys: delegations.keys, signers: { keyids, threshold } } });
    if (terminating) return { visits, terminated: true };
  }
  return { visits, terminated: false };
}

/** Spec 4.5, `TARGETS`. {@link createTrustedTarget} decides which hashes count. */
export function listedTarget({ targets }: Targets, path: string, role: string): SignedTarget | undefined {
  if (!Object.hasOwn(targets, path)) return undefined;
  const value = targets[path];
  if (!isRecord(value) || !isTextRecord(value['hashes']) || typeof value['length'] !== 'number') {
    throw malformed(role, 'its entry for a target cannot be read');
  }
  return { path, length: value['length'], hashes: value['hashes'], custom: value['custom'] };
}
