/**
 * The interfaces between the modules of the plugin: what they need from outside, and what they offer to the manager.
 * Types only. Modules and adapters implement them, and `compose.ts` composes them.
 */
import type { ArtifactKind } from '../shared/artifact-kinds.ts';
import type { Artifact, Release, ReleaseIndex } from '../shared/release-index.ts';
import type { PlatformTarget } from '../shared/platform-target.ts';
import type { Explanation } from '../shared/explanation.ts';
import type { DisabledReason, Progress } from '../shared/state.ts';
import type { TrustedTarget } from '../shared/trusted-target.ts';

export type * from './ports/outside.ts';

// ── Trust ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** What one version of a TUF role says about a target. */
export interface TargetListing {
  readonly role: string;
  readonly version: number;
  /** `undefined` if this version does not list it. */
  readonly target: TrustedTarget | undefined;
}

/** Identifies a release index. */
export interface ReleaseQuery {
  readonly app: string;
  readonly channel: string;
  readonly target: PlatformTarget;
}

/** The result of one refresh. */
export interface TrustSummary {
  readonly rootVersion: number;
  readonly timestampVersion: number;
  readonly snapshotVersion: number;
  readonly targetsVersion: number;
  /** ISO 8601. The earliest expiry of the four roles. After it, the state is `stale` unless a refresh succeeds. */
  readonly expires: string;
  readonly requests: number;
  /** Body bytes received. */
  readonly bytes: number;
}

/** A release, the artifact for this installation, and its target, on which TUF metadata and release index agree. */
export interface TrustedRelease {
  readonly query: ReleaseQuery;
  readonly release: Release;
  readonly artifact: Artifact;
  readonly target: TrustedTarget;
  /** Smaller downloads for the artifact. Absent if index and metadata agree on none. */
  readonly delta?: ReleaseDelta;
}

/** Downloads that transfer less than the whole artifact. If one fails, the next is tried, and last the whole file. */
export interface ReleaseDelta {
  readonly chunks?: ListedChunks;
  readonly patches: readonly DeltaPatch[];
}

/** A chunk index that the release index lists. The client looks it up in the TUF metadata only if no patch fits. */
export interface ListedChunks {
  /** Bytes. */
  readonly length: number;
  /** Lower-case hex. */
  readonly sha256: string;
  /**
   * Looks it up in the metadata, and remembers the result. `undefined` if release index and metadata disagree, or if the
   * repository does not answer within 30 seconds. @throws the reason of `signal` if it is aborted
   */
  find(signal?: AbortSignal): Promise<DeltaChunks | undefined>;
}

export interface DeltaChunks {
  readonly index: TrustedTarget;
  /** Target path of the pack file. The chunk index lists the chunks in it. */
  readonly pack: string;
}

export interface DeltaPatch {
  /** The version whose artifact the patch applies to. */
  readonly from: string;
  readonly target: TrustedTarget;
  /** Length in bytes and hash of that artifact. Any local file with these bytes can serve as base. */
  readonly base: { readonly length: number; readonly sha256: string };
}

/** A release from stored metadata, with the index that lists it, because other releases in the index may matter. */
export interface RecalledRelease extends TrustedRelease {
  readonly index: ReleaseIndex;
}

export interface TrustOptions {
  readonly signal?: AbortSignal;
  /**
   * How often to retry while a repository is being changed or a cache is behind. `quick`, for a person who waits,
   * retries once after 250 ms. `long`, for the background, also retries after 5, 30 and 120 seconds.
   * @defaultValue quick
   */
  readonly patience?: 'quick' | 'long';
  /** When it is aborted, the client stops waiting for the repository and throws the error it has. */
  readonly skipWaitSignal?: AbortSignal;
}

export interface ArtifactOptions extends TrustOptions {
  /** The installed version. Only patches from it are looked up. @defaultValue patches are not looked up */
  readonly installed?: string;
}

export interface RememberedIndex {
  readonly index: ReleaseIndex;
  readonly bytes: Uint8Array;
}

/** Verifies releases. Does not decide what to install. All methods throw {@link UpdateError}s with `TRUST_…` codes. */
export interface ReleaseVerifier {
  /** Runs the TUF client workflow from the embedded root (TUF spec 5.1 to 5.6). Two requests if nothing is new. */
  refresh(options?: TrustOptions): Promise<TrustSummary>;
  /** Finds a target in the delegations (TUF spec 5.6.7). @throws `TRUST_TARGET_UNKNOWN` if no role lists it */
  target(path: string, options?: TrustOptions): Promise<TrustedTarget>;
  /** Fetches a release index and checks length, hash, publisher signatures, revision, app, channel and platform. */
  releaseIndex(query: ReleaseQuery, options?: TrustOptions): Promise<ReleaseIndex>;
  /** Verifies a release index with the publisher's keys. Does not compare or store its revision. */
  verifyIndex(bytes: Uint8Array, query: ReleaseQuery): Promise<ReleaseIndex>;
  /** The newest stored release index with its signed bytes, if it still verifies. Uses no network. */
  rememberedIndex(query: ReleaseQuery): Promise<RememberedIndex | undefined>;
  /** Finds the target of an artifact in a verified index. @throws `TRUST_DISAGREE` if index and TUF metadata differ */
  artifact(
    query: ReleaseQuery,
    release: Release,
    artifact: Artifact,
    options?: ArtifactOptions,
  ): Promise<TrustedRelease>;
  /**
   * Finds a release in the stored metadata and index, for verification at use. Verifies them again from the anchor,
   * ignores their expiry, and uses no network. `undefined` if they do not list the release.
   */
  lookUpOffline(query: ReleaseQuery, version: string, kind: ArtifactKind): Promise<RecalledRelease | undefined>;
}

// ── Download ────────────────────────────────────────────────────────────────────────────────────────────────────

export interface DownloadRequest {
  readonly target: TrustedTarget;
  /** Absolute path of the finished file. The part file is `<to>.part`, its journal `<to>.part.json`. */
  readonly to: string;
  /** Mode of the finished file. The part file is always private. @defaultValue 0o600 */
  readonly mode?: number;
  /** Absolute path of the lock file, for a directory that other users can write. @defaultValue `<to>.part.lock` */
  readonly lock?: string;
  /** Smaller downloads to try first. @defaultValue the whole file is transferred */
  readonly delta?: DownloadDelta;
  /** Called at most 10 times a second, and once at the end. */
  readonly onProgress?: (progress: Progress) => void;
  readonly signal?: AbortSignal;
}

export interface DownloadDelta extends ReleaseDelta {
  /**
   * Absolute paths of local files that may contain bytes of the artifact: the installed artifact, an older one, or the
   * files of the installed app. Best first. The downloader hashes everything it copies from them.
   */
  readonly seeds: readonly string[];
}

/** How a download would be made now. */
export interface DownloadPlan {
  readonly kind: 'patch' | 'chunks' | 'full';
  /** Bytes still to transfer, including the chunk index. */
  readonly downloadSize: number;
  /** Bytes of the whole artifact. */
  readonly fullSize: number;
}

export interface DownloadedFile {
  readonly path: string;
  readonly target: TrustedTarget;
  /** Body bytes that this task received. */
  readonly bytesReceived: number;
  /** Bytes of the file that were not received, because they were resumed or copied from local files. */
  readonly bytesSaved: number;
  readonly requests: number;
}

export interface DownloadTask {
  /** @throws UpdateError with a `DOWNLOAD_…` code */
  readonly done: Promise<DownloadedFile>;
  /** Closes the connections and keeps the part file. */
  pause(): void;
  resume(): void;
  /** Rejects {@link done} with `CANCELLED`. A later download resumes the part file. */
  cancel(): void;
}

export interface Downloader {
  /**
   * Computes what {@link start} would transfer, so that the app can ask the user first. May fetch a chunk index and read
   * local files; `start` reuses the result. If the network fails, the plan is the whole file.
   * @throws UpdateError `CANCELLED`
   */
  plan(request: DownloadRequest): Promise<DownloadPlan>;
  start(request: DownloadRequest): DownloadTask;
}

// ── Staging and install ─────────────────────────────────────────────────────────────────────────────────────────

/** A verified artifact on disk, ready for an install hook. Its hashes come from verified metadata at use. */
export interface StagedUpdate {
  readonly query: ReleaseQuery;
  readonly version: string;
  readonly kind: ArtifactKind;
  /** Absolute path inside the private staging directory. */
  readonly path: string;
  /** ISO 8601. */
  readonly stagedAt: string;
}

/** An open file whose bytes were verified through the same descriptor that reads it. */
export interface VerifiedFile {
  readonly target: TrustedTarget;
  /** Copies the bytes to a new file (mode 0600 by default), hashes them again, and fsyncs. @throws `STAGE_CHANGED` */
  copyTo(path: string, mode?: number): Promise<void>;
  /**
   * Reads the bytes from the start and hashes them again. Trust them only after the loop ended. A block is valid until
   * the next one is requested.
   * @throws `STAGE_CHANGED` at the end if the bytes are not the target's
   */
  blocks(): AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}

export interface StagingArea {
  /** The path to which a release must be downloaded. Creates the private directory. */
  slot(trusted: TrustedRelease): Promise<string>;
  /** Stages a file that was downloaded to its slot. @throws `STAGE_CHANGED` if its bytes are not the target's */
  stage(file: DownloadedFile, trusted: TrustedRelease): Promise<StagedUpdate>;
  /** The staged update, if there is one. It is not yet verified. */
  current(): Promise<StagedUpdate | undefined>;
  /** Opens the staged file and verifies it against the target. @throws `STAGE_CHANGED`, `STAGE_NOTHING` */
  open(staged: StagedUpdate, target: TrustedTarget): Promise<VerifiedFile>;
  /** Removes the staged update and its file. */
  discard(): Promise<void>;
  /** Keeps an installed update as `previous/<version>.<extension>`, for later patches and for going back. */
  retire(staged: StagedUpdate): Promise<void>;
  /**
   * Completes a step that a crash interrupted, and removes files that nothing refers to or that exceed the quotas. Call
   * it at start, while nothing is being installed. Never throws: it logs errors and leaves the files.
   */
  cleanup(): Promise<void>;
}

/** Whether this installation can be updated, and why not. */
export type InstallVerdict =
  | { readonly ok: true }
  | {
      readonly ok: false;
      readonly state: 'disabled' | 'needs-attention';
      readonly explanation: Explanation;
      /** With `disabled`. @defaultValue unsupported */
      readonly reason?: DisabledReason;
    };

/** What an install hook works on. */
export interface InstallJob {
  readonly staged: StagedUpdate;
  readonly trusted: TrustedRelease;
  readonly file: VerifiedFile;
  readonly fromVersion: string;
  /** Arguments for the relaunched app; `undefined` if it must not be started. */
  readonly relaunch: readonly string[] | undefined;
}

/**
 * Checks right before an install that a staged release should still be installed, by the same rules as an update check:
 * the stored index, the running version, the channel, the administrator's policy and the user's consent.
 * @throws UpdateError `STAGE_OUTDATED` if it should not
 */
export type AssertWanted = (recalled: RecalledRelease) => Promise<void>;

/** How to start the installed app after a commit. */
export interface Launch {
  readonly execPath: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export interface InstallOutcome {
  /** What to start once this process has ended. `undefined` if the installer starts the app, or nothing does. */
  readonly launch: Launch | undefined;
  /** True if the installer finishes after this process has ended (NSIS, Squirrel.Mac). */
  readonly handedOver: boolean;
  /** Ends the app, if the installer must do so itself to start the new version. @defaultValue the process exits */
  readonly quit?: () => void;
}

/**
 * The installed app, for a hook that can inspect it. After a crash, recovery compares it with the state before the
 * install and the expected state after it. Without it, recovery goes by the running version.
 */
interface InstalledState {
  /** Absolute path of the file or link that an install replaces. */
  readonly path: string;
  /** Absolute path at which a commit keeps the previous version. Renaming it to `path` restores it. */
  readonly previous: string;
  /** A fingerprint of the installed app. It changes only when the app is replaced. */
  current(): Promise<string>;
  /** The fingerprint that `current` returns after the job was committed. */
  after(job: Pick<InstallJob, 'trusted'>): string;
  /** How to start the installed app. */
  launch(args: readonly string[]): Launch;
}

/**
 * The platform-specific part that replaces the installed app: `prepare`, then `commit`, then `cleanup` or `restore`. The
 * installer journals each step and may repeat it after a crash.
 */
export interface InstallHook {
  readonly kind: ArtifactKind;
  /** If present, the first start is supervised and a version that fails is rolled back. */
  readonly installed?: InstalledState;
  canInstall(): Promise<InstallVerdict>;
  /** Does all slow work. The installed app stays unchanged. @throws UpdateError with an `INSTALL_…` code */
  prepare(job: InstallJob): Promise<void>;
  /** Replaces the app. If it throws, the old version is still installed. @throws UpdateError with an `INSTALL_…` code */
  commit(job: InstallJob): Promise<InstallOutcome>;
  /** Removes files of the previous version, after the new version was confirmed. */
  cleanup(): Promise<void>;
  /** Restores the previous version. Resolves `false` if there is none. */
  restore(): Promise<boolean>;
  /** A command with which a person can go back to `version`, for hooks that cannot {@link restore} it themselves. */
  wayBack?(version: string): Promise<string | undefined>;
  /** Files that contain bytes of the installed artifact, best first. @defaultValue the files of the installed app */
  seeds?(): Promise<readonly string[]>;
  /** True if the installation does not keep the artifact, so that {@link StagingArea.retire} must. @defaultValue false */
  readonly retires?: boolean;
}

/** What {@link Installer.recover} found and did when the app started. */
export type Recovery =
  | { readonly type: 'nothing' }
  /** An interrupted install was undone or had not begun. The old version runs. */
  | {
      readonly type: 'undone';
      readonly version: string;
      /** The version that was not installed. */
      readonly to: string;
      /** Set if an installer got the update and did not replace the app. Text for a person. */
      readonly reason?: string;
    }
  /** The new version starts for the first time. */
  | { readonly type: 'installed'; readonly from: string; readonly to: string }
  | {
      readonly type: 'rolled-back';
      /** The version that failed. */
      readonly from: string;
      /** The version that was restored. */
      readonly to: string;
      readonly reason: string;
      /** Set if the failed version is running. Start this, then end the process. */
      readonly launch?: Launch;
    }
  /** The running version `to` keeps failing, and `from` cannot be restored safely. Only a newer version helps. */
  | { readonly type: 'failing'; readonly from: string; readonly to: string; readonly reason: string };

/** Time limits for the first start of a new version, and how often it may fail. All times are milliseconds. */
export interface FirstStartLimits {
  /** Abnormal exits after which the version is rolled back, 1 to 10. @defaultValue 2 */
  readonly failures: number;
  /** Time until the updater must exist, 1 second to 10 minutes; half of it at retries. @defaultValue 30000 */
  readonly loadMs: number;
  /** Time for which its main process may be unresponsive, 5 seconds to 10 minutes. @defaultValue 30000 */
  readonly hangMs: number;
  /** Time for which it is watched, unless it confirms its health earlier, 1 second to 1 hour. @defaultValue 120000 */
  readonly watchMs: number;
}

export interface Installer {
  /** `undefined` if this installation cannot be updated. */
  readonly kind: ArtifactKind | undefined;
  canInstall(): Promise<InstallVerdict>;
  /** Finishes or undoes an interrupted install. Call it first at start. Never throws for a corrupt journal. */
  recover(): Promise<Recovery>;
  /** Verifies the staged update again, runs the hook, and journals each step. @throws UpdateError `STAGE_OUTDATED` … */
  install(staged: StagedUpdate, relaunch: readonly string[] | undefined): Promise<InstallOutcome>;
  /**
   * Starts what `install` returned once this process has ended, so end it right away. If a rollback is possible, a
   * separate process watches the new version until it confirms its health, and restores the previous version if it
   * fails.
   */
  launch(launch: Launch): Promise<void>;
  /** Confirms that the running version works. The previous version may be removed. */
  confirmHealthy(): Promise<void>;
  /** Local files that may contain bytes of a new version; see {@link DownloadDelta.seeds}. Never throws. */
  seeds(): Promise<readonly string[]>;
  /** Call it before the app changes data so that the previous version cannot read it. Turns automatic rollback off. */
  pointOfNoReturn(): Promise<void>;
  /** Call it when the app quits normally: a missing health confirmation is then not counted as a failure. */
  noteQuit(): Promise<void>;
  /** Versions that failed on this machine and are not offered again. */
  quarantined(): Promise<readonly string[]>;
}
