import type { RepositoryStore } from '../store/contract.ts';
import type { TaskRecord, TaskResult } from '../tasks/task.ts';

/** The `data` of `GET /task/`. What RSTUF leaves out is left out: it shows no member that is null. */
interface TaskData {
  readonly task_id: string;
  readonly state: string;
  readonly result?: object;
}

/** What a publisher hears about tasks. */
export interface TaskStates {
  /** A task was accepted now. */
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

/** Reads tasks as RSTUF's API does, with the faults that concern what it says of them. */
export function createTaskStates(store: RepositoryStore): TaskStates {
  const { faults = [] } = store.settings;
  /** When the worker, which has one slot, looks at a task for the last time. */
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
  // Celery knows no more of a task that an exception ended.
  if (state === 'FAILURE') return { state, result: { message: result.message } };
  const members = Object.entries(result).filter(([, value]) => value !== null);
  return { state, result: Object.fromEntries(members) };
}

/** While RSTUF publishes. The roles are a Python list, as text. */
function publishing({ details, last_update }: TaskResult): object {
  const roles = details?.['artifact_roles'];
  const names = Array.isArray(roles) ? roles.map((role) => `'${String(role)}'`) : [];
  return {
    message: 'Publishing',
    last_update,
    details: { published_roles: [], roles_to_publish: `[${names.join(', ')}]` },
  };
}
