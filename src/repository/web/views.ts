import type { ExpireDays } from '../settings.ts';
import type { RepositoryStore } from '../store/contract.ts';
import type { TaskRecord } from '../tasks/task.ts';
import type { Json, JsonObject } from '../tuf/json.ts';
import { encodeRole } from '../tuf/sign.ts';

/** Where the bootstrap stands, in RSTUF's words. */
export interface BootstrapStatus {
  readonly bootstrap: boolean;
  readonly state: 'finished' | 'pre' | null;
  readonly id: string | null;
}

export function bootstrapStatus({ journal, state }: RepositoryStore): BootstrapStatus {
  if (state !== undefined) return { bootstrap: true, state: 'finished', id: journal.bootstrap };
  const job = journal.jobs.find((one) => one.task === 'bootstrap');
  return job === undefined
    ? { bootstrap: false, state: null, id: null }
    : { bootstrap: false, state: 'pre', id: job.id };
}

/** The `data` of `GET /config/`: the worker's settings in lower case. Call it after the bootstrap. */
export function configData(store: RepositoryStore): JsonObject {
  const { journal } = store;
  const { root } = store.needState();
  const roles = Object.entries(journal.expireDays) as [keyof ExpireDays, number][];
  const perRole = roles
    .filter(([role]) => role !== 'bins' || 'bins' in journal.plan)
    .flatMap(([role, days]): [string, Json][] => [
      [`${role}_expiration`, days],
      [`${role}_threshold`, role === 'root' ? root.threshold : 1],
      [`${role}_num_keys`, role === 'root' ? root.keyids.length : 1],
    ]);
  return {
    ...Object.fromEntries(perRole),
    ...('bins' in journal.plan ? { number_of_delegated_bins: journal.plan.bins } : {}),
    targets_online_key: true,
    trusted_root: JSON.parse(Buffer.from(encodeRole(root.file)).toString()) as JsonObject,
    bootstrap: journal.bootstrap,
  };
}

/** The `data` of `GET /task/`. An id that nobody knows is `PENDING`, as Celery has it. */
export function taskData({ journal }: RepositoryStore, id: string): object {
  const record = journal.tasks.find((task) => task.id === id);
  if (record !== undefined) return { task_id: id, state: record.state, result: resultOf(record) };
  const started = journal.jobs[0]?.id === id;
  return { task_id: id, state: started ? 'STARTED' : 'PENDING', result: null };
}

function resultOf({ state, result }: TaskRecord): object {
  if (state !== 'RUNNING') return result;
  const details = { published_roles: [], roles_to_publish: result.details?.['artifact_roles'] ?? [] };
  const { last_update } = result;
  return { message: 'Publishing', error: null, status: null, task: null, last_update, details };
}
