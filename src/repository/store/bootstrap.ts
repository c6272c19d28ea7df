import { randomUUID } from 'node:crypto';

import { expiryOf, type DelegationPlan } from '../settings.ts';
import type { Delegation } from '../tuf/delegation.ts';
import type { RoleSigningKey, TufKey } from '../tuf/keys.ts';
import { readRoot } from '../tuf/read.ts';
import { rootRole } from '../tuf/root.ts';
import { signRole } from '../tuf/sign.ts';
import type { RootState } from '../tuf/state.ts';
import { createRepository } from '../tuf/sign-changes.ts';
import { readLatestRoot } from './files.ts';
import { needKey } from './key-ring.ts';
import type { RepositoryStore } from './contract.ts';

/** The number of root keys of a new repository. All of them must sign. */
const rootKeyNames = ['root-1', 'root-2'];

/** Creates keys, the root and everything below it. After an interruption, continues from what exists. */
export async function bootstrapAutomatically(store: RepositoryStore): Promise<void> {
  await bootstrapWith(store, (await readLatestRoot(store.places)) ?? (await firstRoot(store)));
}

/** Creates everything below a signed root. */
export async function bootstrapWith(store: RepositoryStore, root: RootState): Promise<void> {
  await publishFirst(store, root, store.journal.plan);
  const id = randomUUID().replaceAll('-', '');
  await store.updateJournal((journal) => ({ ...journal, bootstrap: id }));
}

/** Publishes a signed root with empty roles below it, unless that is done. @throws UpdateError `REPOSITORY_STATE` without its online key */
export async function publishFirst(store: RepositoryStore, root: RootState, plan: DelegationPlan): Promise<void> {
  if (store.state !== undefined) return;
  const key = needKey(store.keys, root.onlineKey, store.places);
  await store.commit(createRepository(root, delegationOf(plan, key), store.signer(key)));
}

/** Signs a root with keys of the ring. `signers` may also include the keys of the previous root. */
export function makeRoot(
  data: { readonly version: number; readonly expires: string; readonly threshold: number },
  rootKeys: readonly RoleSigningKey[],
  onlineKey: TufKey,
  signers: readonly RoleSigningKey[] = rootKeys,
): RootState {
  const online = { keys: [onlineKey], threshold: 1 };
  const root = { keys: rootKeys, threshold: data.threshold };
  const { version, expires } = data;
  return readRoot(
    signRole(rootRole({ version, expires, root, timestamp: online, snapshot: online, targets: online }), signers),
  );
}

async function firstRoot(store: RepositoryStore): Promise<RootState> {
  const rootKeys = [];
  for (const name of rootKeyNames) rootKeys.push(await store.keys.getOrCreate(name));
  const { plan, expireDays } = store.journal;
  const expires = expiryOf('root', plan, expireDays, store.clock.now());
  const onlineKey = await store.keys.getOrCreate('online-1');
  return makeRoot({ version: 1, expires, threshold: rootKeys.length }, rootKeys, onlineKey);
}

function delegationOf(plan: DelegationPlan, key: TufKey): Delegation {
  if ('bins' in plan) {
    const bins = { bitLength: Math.trunc(Math.log2(plan.bins)), namePrefix: 'bins', keys: [key], threshold: 1 };
    return { type: 'hash-bins', bins };
  }
  return { type: 'paths', roles: plan.roles.map((role) => ({ ...role, keys: [key], threshold: 1 })) };
}
