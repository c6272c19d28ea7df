import { randomUUID } from 'node:crypto';

import { acquireLock, type Lock } from '../../files/lock.ts';
import { textOf, toUpdateError, UpdateError } from '../../shared/errors.ts';
import { type RepositoryClock, type RepositoryLogger, silentLogger, systemClock } from '../outside.ts';
import { createSerial, type Serial } from '../serial.ts';
import { expiryOf, type RepositorySettings, setupFrom } from '../settings.ts';
import type { Job, TaskRecord } from '../tasks/task.ts';
import { createWorker, type Worker } from '../tasks/worker.ts';
import { dueChanges } from '../tuf/renew.ts';
import type { RoleSigningKey } from '../tuf/keys.ts';
import type { SignedRole } from '../tuf/sign.ts';
import type { RepositoryState } from '../tuf/state.ts';
import { type OnlineSigner, resignEverything, signChanges, type Written } from '../tuf/sign-changes.ts';
import { bootstrapAutomatically } from './bootstrap.ts';
import type { JobRequest, RepositoryStore } from './contract.ts';
import {
  needRole,
  type Places,
  placesIn,
  prepareDirectories,
  readRepositoryJournal,
  readLatestRoot,
  readState,
  writeJournal,
  writeMetadata,
} from './files.ts';
import { finishJob, type Journal } from './journal.ts';
import { givenKeyRing, type KeyRing, needKey, openKeyRing } from './key-ring.ts';

export interface StoreOptions {
  readonly directory: string;
  readonly settings?: RepositorySettings;
  /** Keys that are stored elsewhere. @defaultValue those in the directory's `development-keys/` */
  readonly keys?: readonly RoleSigningKey[];
  readonly clock?: RepositoryClock;
  readonly logger?: RepositoryLogger;
}

const lockWaitMs = 2000;
const renewEveryMs = 60_000;

/**
 * Opens a repository's directory exclusively. Finishes work that a crash interrupted, and renews metadata now and while the
 * repository is open.
 * @throws UpdateError `REPOSITORY_STATE` if another process has it open or its files cannot be read, `OPTIONS_INVALID`
 */
export async function openRepositoryStore(options: StoreOptions): Promise<RepositoryStore> {
  const { settings = {}, clock = systemClock, logger = silentLogger } = options;
  const places = placesIn(options.directory);
  const setup = setupFrom(settings);
  const lock = await takeLock(places);
  try {
    await prepareDirectories(places, { keys: options.keys === undefined });
    const journal: Journal = (await readRepositoryJournal(places)) ?? {
      ...setup,
      schema: 1,
      bootstrap: null,
      jobs: [],
      unpublished: [],
      tasks: [],
    };
    await writeJournal(places, journal);
    const keys = options.keys === undefined ? await openKeyRing(places) : givenKeyRing(options.keys);
    const store = new OpenStore({ places, settings, clock, logger, lock, journal, keys });
    await store.start();
    return store;
  } catch (error) {
    lock.release();
    throw toUpdateError(error, 'REPOSITORY_STATE');
  }
}

async function takeLock(places: Places): Promise<Lock> {
  const lock = await acquireLock(places.lock, { waitMs: lockWaitMs }).catch((error: unknown) => {
    throw toUpdateError(error, 'REPOSITORY_STATE');
  });
  if (lock !== undefined) return lock;
  throw new UpdateError(
    'REPOSITORY_STATE',
    `Another process serves ${places.directory}. Stop it, or use another directory.`,
  );
}

interface StoreParts {
  readonly places: Places;
  readonly settings: RepositorySettings;
  readonly clock: RepositoryClock;
  readonly logger: RepositoryLogger;
  readonly lock: Lock;
  readonly journal: Journal;
  readonly keys: KeyRing;
}

class OpenStore implements RepositoryStore {
  readonly places: Places;
  readonly settings: RepositorySettings;
  readonly keys: KeyRing;
  readonly clock: RepositoryClock;
  readonly #logger: RepositoryLogger;
  readonly #lock: Lock;
  #journal: Journal;
  #state: RepositoryState | undefined;
  readonly #inTurn: Serial = createSerial();
  readonly #journalInTurn: Serial = createSerial();
  /** True after a failed write. The state must then be read from disk. */
  #reload = false;
  readonly #worker: Worker;
  /** Settles when the worker is restarted. */
  #restart: PromiseWithResolvers<void> = Promise.withResolvers();
  #cancelRenewal: () => void = () => {};

  constructor(parts: StoreParts) {
    this.places = parts.places;
    this.settings = parts.settings;
    this.keys = parts.keys;
    this.clock = parts.clock;
    this.#logger = parts.logger;
    this.#lock = parts.lock;
    this.#journal = parts.journal;
    this.#worker = createWorker(parts.settings);
  }

  get journal(): Journal {
    return this.#journal;
  }

  get state(): RepositoryState | undefined {
    return this.#state;
  }

  needState(): RepositoryState {
    if (this.#state !== undefined) return this.#state;
    throw new UpdateError('REPOSITORY_STATE', 'The repository has no metadata yet: bootstrap it first.');
  }

  async start(): Promise<void> {
    await this.exclusive(async () => {
      await this.#load();
      const begun = this.#state !== undefined && this.#journal.bootstrap !== null;
      if (!begun && this.settings.bootstrap !== 'api') await bootstrapAutomatically(this);
      await this.#work();
    });
    if (this.settings.renew === false) return;
    await this.renew();
    this.#scheduleRenewal();
  }

  async exclusive<T>(work: () => Promise<T>): Promise<T> {
    return this.#inTurn(async () => {
      if (this.#reload) await this.#load();
      return work();
    });
  }

  async accept(
    request: JobRequest,
    id: string = randomUUID().replaceAll('-', ''),
  ): Promise<{ readonly id: string; readonly done: Promise<TaskRecord> }> {
    const job = { ...request, id } as Job;
    await this.updateJournal((journal) => ({ ...journal, jobs: [...journal.jobs, job] }));
    const done = this.exclusive(async () => this.#work()).then(async () => this.#finished(id));
    done.catch((error: unknown) => this.#logger.error(`The task ${id} could not be finished: ${textOf(error)}`));
    return { id, done };
  }

  async readMetadata(name: string): Promise<SignedRole> {
    return needRole(this.places, name);
  }

  async updateJournal(change: (journal: Journal) => Journal): Promise<void> {
    await this.#journalInTurn(async () => {
      const next = change(this.#journal);
      this.#lock.assertHeld();
      await writeJournal(this.places, next);
      this.#journal = next;
    });
  }

  async commit(written: Written): Promise<void> {
    this.#reload = true;
    await writeMetadata(this.places, written.files, () => this.#lock.assertHeld());
    this.#state = written.state;
    this.#reload = false;
  }

  signer(key: OnlineSigner['key'] = this.#onlineKey(), expires: ReadonlyMap<string, string> = new Map()): OnlineSigner {
    const { plan, expireDays } = this.#journal;
    const now = this.clock.now();
    return { key, expires: (role) => expires.get(role) ?? expiryOf(role, plan, expireDays, now) };
  }

  async renew(): Promise<void> {
    await this.exclusive(async () => {
      if (this.#state === undefined) return;
      const due = dueChanges(this.#state, this.clock.now(), this.#neglected);
      if (due !== undefined) await this.commit(signChanges(this.#state, due, this.signer()));
    });
  }

  async restartWorker(): Promise<void> {
    this.#worker.restart();
    await this.exclusive(async () => this.#work());
    this.#restart.resolve();
    this.#restart = Promise.withResolvers();
  }

  stopRenewal(): void {
    this.#cancelRenewal();
  }

  async close(): Promise<void> {
    this.#cancelRenewal();
    await this.#inTurn(async () => this.#journalInTurn(async () => this.#lock.release()));
  }

  /** Roles that RSTUF does not renew, because it considers them valid. */
  get #neglected(): ReadonlySet<string> {
    const delegated = this.settings.faults?.includes('role-born-expired') === true ? this.#state?.delegated : undefined;
    const now = this.clock.now();
    const unused = [...(delegated ?? [])].filter(([, role]) => role.version === 1 && Date.parse(role.expires) <= now);
    return new Set(unused.map(([name]) => name));
  }

  #onlineKey(): OnlineSigner['key'] {
    return needKey(this.keys, this.needState().root.onlineKey, this.places);
  }

  async #load(): Promise<void> {
    const root = await readLatestRoot(this.places);
    const loaded = root === undefined ? undefined : await readState(this.places, root);
    this.#state = loaded?.state;
    this.#reload = false;
    if (root === undefined || loaded === undefined) return;
    // Finishes a rotation of the online key that was interrupted after its root was published.
    const current = loaded.timestamp.signatures.some((one) => one.keyid === root.onlineKey.keyid);
    if (!current) await this.commit(resignEverything(loaded.state, this.signer()));
  }

  async #work(): Promise<void> {
    if (this.#worker.isStopped) return;
    for (let job = this.#journal.jobs[0]; job !== undefined; job = this.#journal.jobs[0]) {
      const outcome = await this.#worker.run(this, job);
      await this.updateJournal((journal) => finishJob(journal, outcome));
    }
  }

  async #finished(id: string): Promise<TaskRecord> {
    while (this.#journal.jobs.some((job) => job.id === id)) await this.#restart.promise;
    const record = this.#journal.tasks.find((task) => task.id === id);
    if (record !== undefined) return record;
    throw new UpdateError('REPOSITORY_STATE', `The task ${id} is no longer known.`);
  }

  #scheduleRenewal(): void {
    this.#cancelRenewal = this.clock.after(renewEveryMs, () => {
      this.renew().catch((error: unknown) => this.#logger.error(`Metadata could not be renewed: ${textOf(error)}`));
      this.#scheduleRenewal();
    });
  }
}
