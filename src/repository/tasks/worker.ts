import { rolledBack, uniqueViolation } from '../faults.ts';
import type { RepositoryStore } from '../store/contract.ts';
import { publishedTargets } from '../tuf/state.ts';
import { failed } from './outcome.ts';
import { runJob } from './run.ts';
import type { Job, Outcome } from './task.ts';

/** Runs jobs one after the other. It can be stopped and poisoned like RSTUF's worker. */
export interface Worker {
  /** True while the worker is stopped. Jobs then wait. */
  readonly isStopped: boolean;
  restart(): void;
  run(store: RepositoryStore, job: Job): Promise<Outcome>;
}

/** The jobs that need the worker's database session. */
const withSession: ReadonlySet<Job['task']> = new Set(['add_artifacts', 'remove_artifacts', 'metadata_delegation']);

export function createWorker(settings: RepositoryStore['settings']): Worker {
  const { faults = [] } = settings;
  let isStopped = faults.includes('worker-stopped');
  let poison: string | undefined;
  /** Jobs that will fail because another job adds the same path. */
  const doomed = new Map<string, string>();
  return {
    get isStopped() {
      return isStopped;
    },
    restart() {
      isStopped = false;
      poison = undefined;
    },
    async run(store, job) {
      if (poison !== undefined && withSession.has(job.task)) return failed(store, job, rolledBack(poison));
      const path = doomed.get(job.id);
      if (path !== undefined) {
        poison = uniqueViolation(path);
        return failed(store, job, poison);
      }
      const added = faults.includes('duplicate-poisons-worker') ? newPaths(store, job) : new Set<string>();
      const outcome = await runJob(store, job);
      // RSTUF's other worker process would have run the jobs that arrived while this one was running at the same time.
      for (const other of store.journal.jobs) {
        const twice = other.id === job.id ? undefined : pathsOf(other).find((one) => added.has(one));
        if (twice !== undefined) doomed.set(other.id, twice);
      }
      return outcome;
    },
  };
}

function newPaths(store: RepositoryStore, job: Job): ReadonlySet<string> {
  const { state, journal } = store;
  const known = new Set(state === undefined ? [] : Array.from(publishedTargets(state), ([path]) => path));
  for (const [path] of journal.unpublished) known.add(path);
  return new Set(pathsOf(job).filter((path) => !known.has(path)));
}

function pathsOf(job: Job): readonly string[] {
  return job.task === 'add_artifacts' ? job.artifacts.map(({ path }) => path) : [];
}
