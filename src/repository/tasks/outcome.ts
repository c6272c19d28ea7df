import type { RepositoryStore } from '../store/contract.ts';
import type { Job, Outcome, TaskRecord, TaskResult } from './task.ts';

/** A result without the fields that every result has. */
export type ResultDetails = Pick<TaskResult, 'message' | 'error' | 'details'>;

/** The result of a job that succeeded, or that failed with one of RSTUF's own reasons. */
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

/** The result of a job that an exception ended. */
export function failed(store: RepositoryStore, job: Job, error: string): Outcome {
  return outcome(store, job, 'FAILURE', { message: error, error, details: null });
}
