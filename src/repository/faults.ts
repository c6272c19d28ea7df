/** An unexpected behaviour of a real RSTUF (API 1.0.1, worker 1.0.2), and the code that causes it. */
interface Fault {
  readonly does: string;
  /** File and function, relative to `repository_service_tuf_api/` or `repository_service_tuf_worker/`. */
  readonly where: string;
}

const faults = {
  'slow-tasks': {
    does: 'An addition or removal stays RUNNING for 3 seconds after clients see it, and the next one for 3 more: the worker looks whether it is published, then sleeps.',
    where: 'worker, repository.py, _update_task',
  },
  'every-state': {
    does: 'A task is first PENDING, RECEIVED and PRE_RUN without a result, STARTED with an empty one, and RUNNING.',
    where: 'worker, app.py, _publish_signals; API, tasks.py, get',
  },
  'lost-results': {
    does: 'A task stays PENDING without a result, like one that never was: Redis has lost what became of it.',
    where: 'API, tasks.py, get',
  },
  'worker-stopped': {
    does: 'Tasks are accepted and stay PENDING until the worker is restarted. Those that waited are then done at the same time.',
    where: 'worker, app.py',
  },
  'duplicate-poisons-worker': {
    does: 'Of two tasks that add the same new path at the same time, the second fails with a unique violation. After it every addition and removal that the same process of the worker takes fails, until it is restarted.',
    where: 'worker, models/targets/crud.py, create_file',
  },
  'bad-hash-signed': {
    does: 'Any text as a hash is signed with SUCCESS.',
    where: 'worker, repository.py, _update_snapshot',
  },
  'bad-artifact-poisons': {
    does: 'A negative length or no hash makes every later publication fail, a fraction in custom every later one of its role, until the artifact is deleted. The worker may remember it until it is restarted, and believe that what failed is published.',
    where: 'worker, repository.py, _update_snapshot',
  },
  'spurious-404': {
    does: 'A request for artifacts or settings that arrives while another one is answered gets the 404 of a repository that was never bootstrapped.',
    where: 'API, __init__.py, bootstrap_state',
  },
  'config-500': {
    does: 'A GET of the settings that meets another request is answered with 500. Played for the first GET.',
    where: 'API, config.py, get',
  },
  'partial-config': {
    does: 'A GET of the settings that meets another request lacks members, such as the root. Played for the first GET.',
    where: 'API, config.py, get',
  },
  'role-born-expired': {
    does: 'The metadata of a delegated role that is added later expires the moment it is made, and is not renewed before something is published to it.',
    where: 'worker, repository.py, _add_metadata_delegation',
  },
} as const;

export type FaultName = keyof typeof faults;

/** The faults that the embedded repository can simulate. Each was seen in a running RSTUF or in its code. */
export const rstufFaults: Readonly<Record<FaultName, Fault>> = faults;

/** The database error by which a poisoned worker is recognised. */
export const uniqueViolation = (path: string): string =>
  `(psycopg2.errors.UniqueViolation) duplicate key value violates unique constraint "ix_rstuf_target_files_path"\nDETAIL:  Key (path)=(${path}) already exists.\n`;

export const rolledBack = (cause: string): string =>
  `This Session's transaction has been rolled back due to a previous exception during flush. To begin a new transaction with this Session, first issue Session.rollback(). Original exception was: ${cause}`;
