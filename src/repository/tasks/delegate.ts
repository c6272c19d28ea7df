import type { RepositoryStore } from '../store/contract.ts';
import type { Delegation } from '../tuf/delegation.ts';
import { tufTime } from '../tuf/json.ts';
import type { TargetInfo } from '../tuf/targets.ts';
import { signChanges } from '../tuf/sign-changes.ts';
import { failed, outcome } from './outcome.ts';
import type { Job, Outcome } from './task.ts';

/** Adds delegated roles, signed with the online key. */
export async function delegate(
  store: RepositoryStore,
  job: Extract<Job, { task: 'metadata_delegation' }>,
): Promise<Outcome> {
  const state = store.needState();
  const { plan } = store.journal;
  const { delegation } = state.targets;
  if (delegation.type === 'hash-bins' || 'bins' in plan) {
    return failed(store, job, 'Delegations already using hash-bins, cannot add custom roles');
  }
  const known = new Set(delegation.roles.map(({ name }) => name));
  const added = job.roles.filter(({ name }) => !known.has(name));
  const refused = job.roles.filter((role) => !added.includes(role));
  if (added.length > 0) {
    await store.updateJournal((journal) => ({ ...journal, plan: { roles: [...plan.roles, ...added] } }));
    const keys = [state.root.onlineKey];
    const roles = [...delegation.roles, ...added.map((role) => ({ ...role, keys, threshold: 1 }))];
    const next: Delegation = { type: 'paths', roles };
    const names = added.map(({ name }) => name);
    const empty: ReadonlyMap<string, TargetInfo> = new Map();
    const now = tufTime(store.clock.now());
    const bornExpired = store.settings.faults?.includes('role-born-expired') === true;
    const signer = store.signer(undefined, new Map(bornExpired ? names.map((name) => [name, now]) : []));
    const changes = { delegated: new Map(names.map((name) => [name, empty])), targets: true };
    await store.commit(signChanges({ ...state, targets: { ...state.targets, delegation: next } }, changes, signer));
  }
  const details = {
    delegated_roles: added.map(({ name }) => name),
    failed_roles: refused.map(({ name }) => ({ role: name, reason: ['role already exists or name used in the past'] })),
  };
  return outcome(store, job, 'SUCCESS', { message: 'Metadata Delegation Processed', error: null, details });
}
