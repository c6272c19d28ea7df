import type { RepositoryClock } from '../outside.ts';
import type { RepositorySettings } from '../settings.ts';
import type { Job, TaskRecord } from '../tasks/task.ts';
import type { SignedRole } from '../tuf/sign.ts';
import type { RepositoryState } from '../tuf/state.ts';
import type { OnlineSigner, Written } from '../tuf/sign-changes.ts';
import type { Places } from './files.ts';
import type { Journal } from './journal.ts';
import type { KeyRing } from './key-ring.ts';

/** A job without its id: what callers ask for. */
export type JobRequest = Job extends infer One ? (One extends Job ? Omit<One, 'id'> : never) : never;

/** An open repository. Changes run one at a time, in the order in which they were asked for. */
export interface RepositoryStore {
  readonly places: Places;
  readonly settings: RepositorySettings;
  readonly keys: KeyRing;
  readonly clock: RepositoryClock;
  readonly journal: Journal;
  /** What is published; `undefined` before the bootstrap. */
  readonly state: RepositoryState | undefined;
  /** @throws UpdateError `REPOSITORY_STATE` before the bootstrap. */
  needState(): RepositoryState;
  /** Runs `work` when everything before it is done. */
  exclusive<T>(work: () => Promise<T>): Promise<T>;
  /**
   * Accepts work under a fresh task id, or the given one: once this resolves, it survives a crash. `done` resolves with
   * what became of it.
   */
  accept(request: JobRequest, id?: string): Promise<{ readonly id: string; readonly done: Promise<TaskRecord> }>;
  /** A metadata file that was written. */
  readMetadata(name: string): Promise<SignedRole>;
  updateJournal(change: (journal: Journal) => Journal): Promise<void>;
  /** Writes metadata to disk; it is published when this resolves. Call it within {@link exclusive}. */
  commit(written: Written): Promise<void>;
  /** Signs with the online key, unless another is given. `expires` replaces the configured expiry of single roles. */
  signer(key?: OnlineSigner['key'], expires?: ReadonlyMap<string, string>): OnlineSigner;
  /** Signs again what expires soon, as RSTUF's worker does. */
  renew(): Promise<void>;
  /** Does what waits for a stopped worker, and makes a poisoned one forget; resolves when nothing waits. */
  restartWorker(): Promise<void>;
  /** From now on nothing is renewed by itself: what a stopped worker looks like. */
  stopRenewal(): void;
  /** Waits for running work and gives the directory free. */
  close(): Promise<void>;
}
