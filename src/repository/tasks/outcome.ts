import type { RepositoryStore } from '../store/contract.ts';
import type { Job, Outcome, TaskRecord, TaskResult } from './task.ts';

/** A result without what every result has. */
export type ResultDetails = Pick<TaskResult, 'message' | 'error' | 'details'>;

/** What becomes of a job that was done, or that ended with a reason of RSTUF's own. */
export function outcome(
  store: RepositoryStore,
  job: Job,
  state: TaskRecord['state'],
  { message, error, details }: ResultDetails,
  published = false,
): Outcome {
  const last_update = new Date(store.clock.now()).toISOString();
  const result: TaskResult = { task: job.task, status: error === null, message, error, details, last_update };
  return { record: { id: job.id, state, result }, published };
}

/** What becomes of a job that an exception ended. */
export function failed(store: RepositoryStore, job: Job, error: string): Outcome {
  return outcome(store, job, 'FAILURE', { message: error, error, details: null });
}
