import type { RepositoryStore } from '../store/contract.ts';
import type { TaskRecord, TaskResult } from '../tasks/task.ts';

/** The `data` of `GET /task/`. It omits the same members as RSTUF, and no member is null. */
interface TaskData {
  readonly task_id: string;
  readonly state: string;
  readonly result?: object;
}

/** The states of tasks that a publisher sees. */
export interface TaskStates {
  /** Records that a task was accepted. */
  begin(id: string): void;
  read(id: string): TaskData;
}

const sleepMs = 3000;
const stages: readonly Omit<TaskData, 'task_id'>[] = [
  { state: 'PENDING' },
  { state: 'RECEIVED' },
  { state: 'PRE_RUN' },
  { state: 'STARTED', result: {} },
];

/** Reports tasks as RSTUF's API does, including the simulated faults of its reports. */
export function createTaskStates(store: RepositoryStore): TaskStates {
  const { faults = [] } = store.settings;
  /** When the worker, which has one slot, checks a task for the last time. */
  const ends = new Map<string, number>();
  const asked = new Map<string, number>();
  let free = 0;

  const trueState = (id: string): TaskData => {
    const record = store.journal.tasks.find((task) => task.id === id);
    if (record === undefined) {
      const started = store.journal.jobs[0]?.id === id && !faults.includes('worker-stopped');
      return { task_id: id, ...(started ? { state: 'STARTED', result: {} } : { state: 'PENDING' }) };
    }
    const isAsleep = record.state === 'SUCCESS' && store.clock.now() < (ends.get(id) ?? 0);
    return { task_id: id, ...shown(isAsleep ? { ...record, state: 'RUNNING' } : record) };
  };

  return {
    begin(id) {
      if (!faults.includes('slow-tasks')) return;
      free = Math.max(free, store.clock.now()) + sleepMs;
      ends.set(id, free);
    },
    read(id) {
      if (faults.includes('lost-results')) return { task_id: id, state: 'PENDING' };
      const state = trueState(id);
      if (!faults.includes('every-state') || state.state === 'PENDING') return state;
      const result = store.journal.tasks.find((task) => task.id === id)?.result;
      const all = [...stages, ...(result === undefined ? [] : [{ state: 'RUNNING', result: publishing(result) }])];
      const count = asked.get(id) ?? 0;
      const stage = all[count];
      if (stage === undefined) return state;
      asked.set(id, count + 1);
      return { task_id: id, ...stage };
    },
  };
}

function shown({ state, result }: TaskRecord): Omit<TaskData, 'task_id'> {
  if (state === 'RUNNING') return { state, result: publishing(result) };
  // Celery keeps nothing else of a task that an exception ended.
  if (state === 'FAILURE') return { state, result: { message: result.message } };
  const members = Object.entries(result).filter(([, value]) => value !== null);
  return { state, result: Object.fromEntries(members) };
}

/** The result while RSTUF publishes. The roles are the text of a Python list. */
function publishing({ details, last_update }: TaskResult): object {
  const roles = details?.['artifact_roles'];
  const names = Array.isArray(roles) ? roles.map((role) => `'${String(role)}'`) : [];
  return {
    message: 'Publishing',
    last_update,
    details: { published_roles: [], roles_to_publish: `[${names.join(', ')}]` },
  };
}
