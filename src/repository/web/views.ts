import type { DelegationPlan, ExpireDays } from '../settings.ts';
import type { RepositoryStore } from '../store/contract.ts';
import type { Json, JsonObject } from '../tuf/json.ts';
import { keysJson } from '../tuf/keys.ts';
import type { SignedRole } from '../tuf/sign.ts';

/** The state of the bootstrap, in RSTUF's words. */
export interface BootstrapStatus {
  readonly bootstrap: boolean;
  readonly state?: 'finished' | 'pre';
  readonly id?: string;
}

export function bootstrapStatus({ journal, state }: RepositoryStore): BootstrapStatus {
  if (state !== undefined) {
    return { bootstrap: true, state: 'finished', ...(journal.bootstrap === null ? {} : { id: journal.bootstrap }) };
  }
  const job = journal.jobs.find((one) => one.task === 'bootstrap');
  return job === undefined ? { bootstrap: false } : { bootstrap: false, state: 'pre', id: job.id };
}

/** The `data` of `GET /config/`: the worker's settings in lower case. Call it after the bootstrap. */
export async function configData(store: RepositoryStore): Promise<JsonObject> {
  const { plan, expireDays, bootstrap } = store.journal;
  const { root, targets } = store.needState();
  const roles = Object.entries(expireDays) as [keyof ExpireDays, number][];
  const perRole = roles
    .filter(([role]) => role !== 'bins' || 'bins' in plan)
    .flatMap(([role, days]): [string, Json][] => [
      [`${role}_expiration`, days],
      [`${role}_threshold`, role === 'root' ? root.threshold : 1],
      [`${role}_num_keys`, role === 'root' ? root.keyids.length : 1],
    ]);
  const { keyid } = root.onlineKey;
  const onlineKey = keysJson([root.onlineKey])[keyid] as JsonObject;
  const trustedTargets = await store.readMetadata(`${targets.version}.targets.json`);
  return {
    ...Object.fromEntries(perRole),
    ...planData(plan, trustedTargets),
    targets_online_key: true,
    online_key: { ...onlineKey, keyid },
    root_signing: null,
    trusted_root: signedJson(root.file),
    trusted_targets: signedJson(trustedTargets),
    bootstrap,
  };
}

function planData(plan: DelegationPlan, targets: SignedRole): JsonObject {
  if ('bins' in plan) return { number_of_delegated_bins: plan.bins };
  return {
    delegations: targets.signed['delegations'] ?? null,
    ...Object.fromEntries(plan.roles.map(({ name, expireDays }) => [`${name.toLowerCase()}_expiration`, expireDays])),
  };
}

function signedJson({ signatures, signed }: SignedRole): JsonObject {
  return { signatures: signatures.map(({ keyid, sig }) => ({ keyid, sig })), signed };
}
