import { isRecord, malformed } from '../metadata/parse-envelope.ts';
import { maxVisitedRoles } from '../metadata/limits.ts';
import type { SignedTarget } from './create-trusted-target.ts';
import { isTextRecord } from '../metadata/role-keys.ts';
import type { Targets } from '../metadata/roles.ts';
import type { Delegator, TrustedMetadata } from './refresh.ts';

interface Visit {
  readonly role: string;
  readonly load: () => Promise<Targets>;
}

/**
 * Spec 5.6.7: preorder depth-first search through the delegations. Each role is loaded with the keys of the role that
 * leads to it, and visited once.
 * @throws UpdateError `TRUST_…` when a role on the way cannot be verified: what it would have said is not known
 */
export async function findTarget(metadata: TrustedMetadata, path: string): Promise<SignedTarget | undefined> {
  const toVisit: Visit[] = [{ role: 'targets', load: () => Promise.resolve(metadata.targets) }];
  const visited = new Set<string>();
  while (visited.size <= maxVisitedRoles) {
    const next = toVisit.pop();
    if (next === undefined) return undefined;
    if (visited.has(next.role)) continue;
    visited.add(next.role);
    const targets = await next.load();
    if (Object.hasOwn(targets.targets, path)) return readTarget(path, targets.targets[path], next.role);
    const children = childrenOf(metadata, targets, path);
    if (children.terminated) toVisit.length = 0;
    toVisit.push(...children.visits.toReversed());
  }
  return undefined;
}

function childrenOf(
  metadata: TrustedMetadata,
  { delegations }: Targets,
  path: string,
): { readonly visits: readonly Visit[]; readonly terminated: boolean } {
  const visits: Visit[] = [];
  if (delegations === undefined) return { visits, terminated: false };
  for (const { name, terminating, keyids, threshold } of delegations.rolesFor(path)) {
    const delegator: Delegator = { keys: delegations.keys, signers: { keyids, threshold } };
    visits.push({ role: name, load: () => metadata.loadDelegatedRole(name, delegator) });
    if (terminating) return { visits, terminated: true };
  }
  return { visits, terminated: false };
}

/** Spec 4.5, `TARGETS`. Which hashes count is decided when the target is minted. */
function readTarget(path: string, value: unknown, role: string): SignedTarget {
  if (!isRecord(value) || !isTextRecord(value['hashes']) || typeof value['length'] !== 'number') {
    throw malformed(role, 'what it says of a target cannot be read');
  }
  return { path, length: value['length'], hashes: value['hashes'], custom: value['custom'] };
}
