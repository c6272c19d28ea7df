import type {
  ChannelPreview,
  DiagnosticReport,
  HistoryEntry,
  InstallAt,
  ListedRelease,
  UpdateState,
} from '../../shared/state.ts';
import type { TrustSummary } from '../ports.ts';

export interface CheckOptions {
  /**
   * True if the user asked. The check then also offers a skipped release, and nothing is deferred.
   * @defaultValue true
   */
  readonly manual?: boolean;
  /**
   * How long to retry while a repository is being changed: `quick` retries once after 250 ms, `long` for up to three
   * minutes. @defaultValue quick if `manual`, or else long
   */
  readonly patience?: 'quick' | 'long';
}

export interface ChannelOptions {
  /** True if the user agreed to install an older version from the channel. @defaultValue false */
  readonly allowDowngrade?: boolean;
}

export interface InstallOptions {
  /** Arguments for the relaunched app. @defaultValue the arguments of this process */
  readonly args?: readonly string[];
  /** Start the app again. On macOS, the system always does. @defaultValue true */
  readonly relaunch?: boolean;
}

/** The update manager of an app. One per process. */
export interface Updater {
  /** The current state: plain data, and a new object after each change. */
  readonly state: UpdateState;
  /** The running version. */
  readonly version: string;
  /** The current channel: the administrator's, or else the user's, the app's, or the build's. */
  readonly channel: string;
  /** The channels that `setChannel` accepts. Empty if it accepts all; only one if the administrator chose it. */
  readonly channels: readonly string[];
  /** Calls `listener` on every change of state. The result unsubscribes. */
  subscribe(listener: (state: UpdateState) => void): () => void;
  /** The state, for stores such as React's `useSyncExternalStore`. */
  getSnapshot(): UpdateState;

  /**
   * Resolves once an interrupted install was finished or undone, and an update that waits for this start was installed.
   * Apps that install updates at the next launch await it before they open a window. Other apps need not.
   */
  whenReady(): Promise<UpdateState>;

  /**
   * Checks for a newer release. Calls during a check share it. Resolves with the state after it; errors are in
   * `lastError`.
   */
  check(options?: CheckOptions): Promise<UpdateState>;
  /**
   * Downloads, verifies and stages the `available` release. Calls while a download runs or is paused share it. Resolves
   * with the state after it; errors are in `lastError`. @throws UpdateError `MANAGER_WRONG_STATE`, `MANAGER_POLICY`
   */
  download(): Promise<UpdateState>;
  /** Pauses a download. @throws UpdateError `MANAGER_WRONG_STATE` */
  pause(): void;
  /** Resumes a download. @throws UpdateError `MANAGER_WRONG_STATE` */
  resume(): void;
  /** Cancels a download. The next download continues from the bytes on disk. */
  cancel(): void;
  /**
   * Installs the `staged` update: now (the app quits and starts again), when the app quits, or at its next start. If a
   * window vetoes the quit, the session is ending, or another instance is running, the state stays `staged` with
   * `lastError`.
   * @param at when to install @defaultValue now
   * @throws UpdateError `MANAGER_WRONG_STATE`
   */
  install(at?: InstallAt, options?: InstallOptions): Promise<UpdateState>;
  /**
   * Skips the `available` or `staged` release: scheduled checks offer only newer ones. A critical release cannot be
   * skipped.
   * @throws UpdateError `MANAGER_WRONG_STATE`, `MANAGER_CRITICAL`
   */
  skip(): Promise<UpdateState>;
  /**
   * Defers the release: the state gets `deferred`, and no automatic action follows until then.
   * @param ms milliseconds, more than 0 and at most 90 days @defaultValue 86400000, 24 hours
   * @throws UpdateError `MANAGER_WRONG_STATE`, `OPTIONS_INVALID`
   */
  remindLater(ms?: number): Promise<UpdateState>;
  /**
   * Verifies and stages the update in a file that `electron-tuf bundle` wrote, without network. See docs/policy.md.
   * @throws UpdateError `MANAGER_WRONG_STATE` while a check, a download or an install is running
   */
  installFromBundle(path: string): Promise<UpdateState>;

  /** Finds what a switch of channel would offer. Changes nothing. @throws UpdateError `OPTIONS_INVALID`, `TRUST_…` */
  previewChannel(channel: string): Promise<ChannelPreview>;
  /**
   * Stores the user's channel and checks. The installed version stays until the channel has a newer one, unless the
   * release says that it `replaces` the installed version, or the user agreed to a downgrade.
   * @throws UpdateError `OPTIONS_INVALID`, `MANAGER_POLICY` if the administrator chose the channel
   */
  setChannel(channel: string, options?: ChannelOptions): Promise<UpdateState>;

  /** Confirms that the running version works. Removes the previous version, which was kept for a rollback. */
  confirmHealthy(): Promise<void>;
  /** Call it before the app changes data so that the previous version cannot read it. Turns automatic rollback off. */
  pointOfNoReturn(): Promise<void>;

  /** The last 50 installs of this installation, newest first. */
  history(): Promise<readonly HistoryEntry[]>;
  /** Explains why the last check offered an update or not. Uses no network. */
  diagnostics(): Promise<DiagnosticReport>;
  /** All releases of the channel in the last check, newest first. Empty before the first check. */
  readonly lastReleases: readonly ListedRelease[];
  /** Absolute path of the staged file, for information only: the file is verified again right before the install. */
  stagedFile(): Promise<string | undefined>;
  /** The metadata versions and expiry that the last check saw. */
  readonly lastTrust: TrustSummary | undefined;
  /** Stops timers and transfers. The state does not change. */
  close(): Promise<void>;
}
