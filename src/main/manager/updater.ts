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
   * A person asked: a release that was skipped or put off is shown again, and nothing is deferred.
   * @defaultValue true
   */
  readonly manual?: boolean;
  /**
   * How long a repository that seems to be changing is given before it is an error: `quick` looks once more at once,
   * `long` for up to three minutes. @defaultValue quick when a person asked, else long
   */
  readonly patience?: 'quick' | 'long';
}

export interface ChannelOptions {
  /** The user agreed to install an older version, if that is what the channel has. @defaultValue false */
  readonly allowDowngrade?: boolean;
}

export interface InstallOptions {
  /** Arguments of the app when it is started again. @defaultValue those of this process */
  readonly args?: readonly string[];
  /** Start the app again. On macOS the system does in any case. @defaultValue true */
  readonly relaunch?: boolean;
}

/** The update manager of an app. One per process. */
export interface Updater {
  /** Plain data; a new object whenever it changes. */
  readonly state: UpdateState;
  /** The running version. */
  readonly version: string;
  /** The channel in use: the administrator's, else the user's choice, else the build's default. */
  readonly channel: string;
  /** The channels that `setChannel` accepts; empty when every one is, a single one when the administrator chose it. */
  readonly channels: readonly string[];
  /** Calls `listener` on every change of state. The result unsubscribes. */
  subscribe(listener: (state: UpdateState) => void): () => void;
  /** The state, for stores such as React's `useSyncExternalStore`. */
  getSnapshot(): UpdateState;

  /**
   * Resolves once an interrupted install was finished or undone, and what waited for this start was installed. Await it
   * before the first window opens where updates are installed at the next launch; otherwise nobody needs to.
   */
  whenReady(): Promise<UpdateState>;

  /** Looks for a newer release. Calls that come while one is running share it. Resolves to the state afterwards. */
  check(options?: CheckOptions): Promise<UpdateState>;
  /**
   * Downloads, verifies and stages the release that is `available`. Calls while a download runs or is paused share it.
   * Resolves to the state afterwards. @throws UpdateError `MANAGER_WRONG_STATE`, `MANAGER_POLICY`
   */
  download(): Promise<UpdateState>;
  pause(): void;
  resume(): void;
  /** Stops a download; what is there is kept for the next one. */
  cancel(): void;
  /**
   * Installs what is `staged`: now (the app quits and starts again), when it quits, or at its next start. A window that
   * vetoes the quit, a session that is ending, another instance that runs: then it stays `staged`, with `lastError`.
   * @defaultValue now
   * @throws UpdateError `MANAGER_WRONG_STATE`
   */
  install(at?: InstallAt, options?: InstallOptions): Promise<UpdateState>;
  /**
   * The user does not want the release that is `available` or `staged`: scheduled checks pass over it and older ones
   * until a newer one comes. A critical release cannot be skipped.
   * @throws UpdateError `MANAGER_WRONG_STATE`, `MANAGER_CRITICAL`
   */
  skip(): Promise<UpdateState>;
  /**
   * The user wants to be asked again later: `available` stays, marked as `deferred`, and nothing happens by itself.
   * @param ms milliseconds @defaultValue 24 hours
   * @throws UpdateError `MANAGER_WRONG_STATE`, `OPTIONS_INVALID`
   */
  remindLater(ms?: number): Promise<UpdateState>;
  /**
   * Takes and verifies what a file of `electron-tuf bundle` holds, without network, and stages it. See docs/policy.md.
   * @throws UpdateError `MANAGER_WRONG_STATE` while a check, a download or an install is under way
   */
  installFromBundle(path: string): Promise<UpdateState>;

  /** What a switch would lead to. Refreshes, and changes nothing. @throws UpdateError `OPTIONS_INVALID`, `TRUST_…` */
  previewChannel(channel: string): Promise<ChannelPreview>;
  /**
   * Remembers the user's channel and checks. The installed version stays until the channel has a newer one, unless
   * the release says that it `replaces` this one, or the user agreed to a downgrade.
   * @throws UpdateError `OPTIONS_INVALID`, `MANAGER_POLICY` when the administrator chose the channel
   */
  setChannel(channel: string, options?: ChannelOptions): Promise<UpdateState>;

  /** The running version works: what the last update left for a way back is removed. */
  confirmHealthy(): Promise<void>;
  /** Call before data is changed so that the previous version cannot read it: no automatic rollback after that. */
  pointOfNoReturn(): Promise<void>;

  /** The last installs of this installation, newest first, at most 50. */
  history(): Promise<readonly HistoryEntry[]>;
  /** Why an update is or is not offered, in words. Uses no network: it explains the last check. */
  diagnostics(): Promise<DiagnosticReport>;
  /** The channel's releases as the last check saw them, newest first, offered or not; empty before the first one. */
  readonly lastReleases: readonly ListedRelease[];
  /** Absolute path of what is staged, to look at: it is verified again right before it is installed. */
  stagedFile(): Promise<string | undefined>;
  /** What the last check saw of the repository. */
  readonly lastTrust: TrustSummary | undefined;
  /** Stops timers and transfers; the state stays as it is. */
  close(): Promise<void>;
}
