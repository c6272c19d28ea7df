import type { RepositoryClock } from '../outside.ts';
import type { RepositorySettings } from '../settings.ts';
import type { Job, TaskRecord } from '../tasks/task.ts';
import type { SignedRole } from '../tuf/sign.ts';
import type { RepositoryState } from '../tuf/state.ts';
import type { OnlineSigner, Written } from '../tuf/sign-changes.ts';
import type { Places } from './files.ts';
import type { Journal } from './journal.ts';
import type { KeyRing } from './key-ring.ts';

/** A job that has no id yet. */
export type JobRequest = Job extends infer One ? (One extends Job ? Omit<One, 'id'> : never) : never;

/** An open repository. Changes run one at a time, in the order of their requests. */
export interface RepositoryStore {
  readonly places: Places;
  readonly settings: RepositorySettings;
  readonly keys: KeyRing;
  readonly clock: RepositoryClock;
  readonly journal: Journal;
  /** The published state; `undefined` before the bootstrap. */
  readonly state: RepositoryState | undefined;
  /** @throws UpdateError `REPOSITORY_STATE` before the bootstrap. */
  needState(): RepositoryState;
  /** Runs `work` after all earlier changes. */
  exclusive<T>(work: () => Promise<T>): Promise<T>;
  /**
   * Accepts a job under the given task id or a new one. When this resolves, the job survives a crash. `done` resolves with
   * the job's result.
   */
  accept(request: JobRequest, id?: string): Promise<{ readonly id: string; readonly done: Promise<TaskRecord> }>;
  /** Reads a written metadata file. */
  readMetadata(name: string): Promise<SignedRole>;
  updateJournal(change: (journal: Journal) => Journal): Promise<void>;
  /** Writes metadata to disk, which publishes it. Call it within {@link exclusive}. */
  commit(written: Written): Promise<void>;
  /** Signs with the online key, unless another is given. `expires` replaces the configured expiry of single roles. */
  signer(key?: OnlineSigner['key'], expires?: ReadonlyMap<string, string>): OnlineSigner;
  /** Renews metadata that expires soon, as RSTUF's worker does. */
  renew(): Promise<void>;
  /** Restarts a stopped or poisoned worker. Resolves when all waiting jobs are done. */
  restartWorker(): Promise<void>;
  /** Turns off the automatic renewal, as if the worker had stopped. */
  stopRenewal(): void;
  /** Waits for running work and releases the directory. */
  close(): Promise<void>;
}
