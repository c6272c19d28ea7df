/**
 * The seams of the plugin: what the rooms need from the outside, and what they offer to the manager.
 * Types only. Adapters and rooms implement them; `compose.ts` wires them.
 */
import type { ArtifactKind } from '../shared/artifact-kinds.ts';
import type { Artifact, Release, ReleaseIndex } from '../shared/release-index.ts';
import type { PlatformTarget } from '../shared/platform-target.ts';
import type { Explanation } from '../shared/explanation.ts';
import type { DisabledReason, Progress } from '../shared/state.ts';
import type { TrustedTarget } from '../shared/trusted-target.ts';

export type * from './ports/outside.ts';

// ── Trust ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** What one version of a role says of a target. */
export interface TargetListing {
  readonly role: string;
  readonly version: number;
  /** `undefined` when this version does not list it. */
  readonly target: TrustedTarget | undefined;
}

/** Which release index is meant. */
export interface ReleaseQuery {
  readonly app: string;
  readonly channel: string;
  readonly target: PlatformTarget;
}

/** What one refresh saw. */
export interface TrustSummary {
  readonly rootVersion: number;
  readonly timestampVersion: number;
  readonly snapshotVersion: number;
  readonly targetsVersion: number;
  /** ISO 8601: the earliest expiry of the four; after it, the state is `stale` if no refresh succeeds. */
  readonly expires: string;
  readonly requests: number;
  /** Body bytes received. */
  readonly bytes: number;
}

/** A release, the artifact that fits, and the target that TUF metadata, index and signatures agree on. */
export interface TrustedRelease {
  readonly query: ReleaseQuery;
  readonly release: Release;
  readonly artifact: Artifact;
  readonly target: TrustedTarget;
  /** Ways to the artifact that transfer less; absent when there are none, or none that index and metadata agree on. */
  readonly delta?: ReleaseDelta;
}

/** Ways to an artifact that transfer less than all of it. When one fails, the next is taken: none of them is needed. */
export interface ReleaseDelta {
  readonly chunks?: ListedChunks;
  readonly patches: readonly DeltaPatch[];
}

/** A chunk index as the release index lists it. Where a patch does, nobody looks it up in the metadata. */
export interface ListedChunks {
  /** Bytes. */
  readonly length: number;
  /** Lower-case hex. */
  readonly sha256: string;
  /**
   * Looks it up; what was found is kept. `undefined` when release index and metadata do not agree on it, and when the
   * repository has no answer within half a minute. @throws what `signal` is aborted with
   */
  find(signal?: AbortSignal): Promise<DeltaChunks | undefined>;
}

export interface DeltaChunks {
  readonly index: TrustedTarget;
  /** Target path of the pack. The index says which bytes it has. */
  readonly pack: string;
}

export interface DeltaPatch {
  /** The version whose artifact it applies to. */
  readonly from: string;
  readonly target: TrustedTarget;
  /** That artifact: any local file with these bytes serves. */
  readonly base: { readonly length: number; readonly sha256: string };
}

/** A release as what is stored gives it, and the index that lists it: what that says of other releases decides too. */
export interface RecalledRelease extends TrustedRelease {
  readonly index: ReleaseIndex;
}

export interface TrustOptions {
  readonly signal?: AbortSignal;
  /**
   * How long a repository that seems to be changing, or a cache that is behind, is given before it is an error: `quick`
   * looks once more at once, for a person who waits; `long` again after 5, 30 and 120 seconds, for the background.
   * @defaultValue quick
   */
  readonly patience?: 'quick' | 'long';
  /** When it fires, waiting for an unsettled repository ends with the error that it has. */
  readonly skipWaitSignal?: AbortSignal;
}

export interface ArtifactOptions extends TrustOptions {
  /** The installed version: patches from other ones are not looked up. @defaultValue patches are not looked up */
  readonly installed?: string;
}

export interface RememberedIndex {
  readonly index: ReleaseIndex;
  readonly bytes: Uint8Array;
}

/** Verifies; never decides what to install. All methods throw {@link UpdateError}s with `TRUST_…` codes. */
export interface ReleaseVerifier {
  /** TUF client workflow (spec 5.1 to 5.6) from the embedded root on. Two requests when nothing is new. */
  refresh(options?: TrustOptions): Promise<TrustSummary>;
  /** Looks a target up in the delegations (spec 5.6.7). @throws `TRUST_TARGET_UNKNOWN` when no role lists it */
  target(path: string, options?: TrustOptions): Promise<TrustedTarget>;
  /** Fetches a release index and checks length, hash, publisher signatures, revision, app, channel and platform. */
  releaseIndex(query: ReleaseQuery, options?: TrustOptions): Promise<ReleaseIndex>;
  /** Verifies the bytes of a release index by the publisher's keys, and neither compares nor remembers its revision. */
  verifyIndex(bytes: Uint8Array, query: ReleaseQuery): Promise<ReleaseIndex>;
  /** Without network: the newest release index that was admitted, if it still verifies, and its signed bytes. */
  rememberedIndex(query: ReleaseQuery): Promise<RememberedIndex | undefined>;
  /** Finds the artifact of a verified index as a target; both must agree. @throws `TRUST_DISAGREE` */
  artifact(
    query: ReleaseQuery,
    release: Release,
    artifact: Artifact,
    options?: ArtifactOptions,
  ): Promise<TrustedRelease>;
  /**
   * Without network: what the stored metadata and index say of a release, re-walked and re-verified from the anchor
   * with expiry ignored. For verification at use. `undefined` when they do not list it.
   */
  lookUpOffline(query: ReleaseQuery, version: string, kind: ArtifactKind): Promise<RecalledRelease | undefined>;
}

// ── Download ────────────────────────────────────────────────────────────────────────────────────────────────────

export interface DownloadRequest {
  readonly target: TrustedTarget;
  /**
   * Absolute path of the finished file. Parts and their journal live beside it as `<to>.part` and `<to>.part.json`.
   */
  readonly to: string;
  /** Mode of the finished file; a part is always private. @defaultValue 0o600 */
  readonly mode?: number;
  /** Absolute path of the lock, where other users can write beside `to`. @defaultValue `<to>.part.lock` */
  readonly lock?: string;
  /** Ways that transfer less. @defaultValue the whole file is transferred */
  readonly delta?: DownloadDelta;
  /** At most 10 times a second, and always once at the end. */
  readonly onProgress?: (progress: Progress) => void;
  readonly signal?: AbortSignal;
}

export interface DownloadDelta extends ReleaseDelta {
  /**
   * Absolute paths of local files that may hold bytes of the artifact: the installed one, an older one, the files of an
   * installed tree. Best first. Nothing is believed of them: what is taken from them is hashed.
   */
  readonly seeds: readonly string[];
}

/** The way that a download would take now. */
export interface DownloadPlan {
  readonly kind: 'patch' | 'chunks' | 'full';
  /** Bytes that are still to be transferred, the chunk index included. */
  readonly downloadSize: number;
  /** Bytes of the whole artifact. */
  readonly fullSize: number;
}

export interface DownloadedFile {
  readonly path: string;
  readonly target: TrustedTarget;
  /** Body bytes received by this task. */
  readonly bytesReceived: number;
  /** Bytes of the file that needed not be received: resumed or copied. */
  readonly bytesSaved: number;
  readonly requests: number;
}

export interface DownloadTask {
  /** @throws UpdateError with a `DOWNLOAD_…` code */
  readonly done: Promise<DownloadedFile>;
  /** Closes connections, keeps what is there. */
  pause(): void;
  resume(): void;
  /** Ends with `CANCELLED`. The part stays for a later resume. */
  cancel(): void;
}

export interface Downloader {
  /**
   * What {@link start} would transfer, so that a person can be asked first. May fetch a chunk index and read the seeds;
   * what it learns serves `start`. Never fails for the network's sake: then the answer is the whole file.
   * @throws UpdateError `CANCELLED`
   */
  plan(request: DownloadRequest): Promise<DownloadPlan>;
  start(request: DownloadRequest): DownloadTask;
}

// ── Staging and install ─────────────────────────────────────────────────────────────────────────────────────────

/** A verified artifact on disk, journalled, ready for an install hook. Facts only: hashes come from trust at use. */
export interface StagedUpdate {
  readonly query: ReleaseQuery;
  readonly version: string;
  readonly kind: ArtifactKind;
  /** Absolute path inside the private staging directory. */
  readonly path: string;
  /** ISO 8601. */
  readonly stagedAt: string;
}

/** A file that was hashed through the very descriptor that is then read. */
export interface VerifiedFile {
  readonly target: TrustedTarget;
  /** Copies the verified bytes to a new file (mode 0600 unless given), hashing again on the way; fsyncs it. */
  copyTo(path: string, mode?: number): Promise<void>;
  /**
   * The bytes once more, from the start, hashed again: trust what was read only when the loop ended. A block is valid
   * until the next one is asked for. @throws `STAGE_CHANGED` at the end, when they were not the target's
   */
  blocks(): AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}

export interface StagingArea {
  /** Where a download for this release must be written. Creates the private directory. */
  slot(trusted: TrustedRelease): Promise<string>;
  /** Journals a file that was downloaded to its slot as staged. @throws `STAGE_CHANGED` when its bytes are not the target's */
  stage(file: DownloadedFile, trusted: TrustedRelease): Promise<StagedUpdate>;
  current(): Promise<StagedUpdate | undefined>;
  /** Opens for use and verifies against the target. @throws `STAGE_CHANGED`, `STAGE_NOTHING` */
  open(staged: StagedUpdate, target: TrustedTarget): Promise<VerifiedFile>;
  /** Drops the staged update and its file. */
  discard(): Promise<void>;
  /** The staged update is installed: kept as `previous/<version>.<extension>`, for the next delta and the way back. */
  retire(staged: StagedUpdate): Promise<void>;
  /**
   * At start, while nothing is installed: makes good what a crash interrupted, and removes what nothing refers to, and
   * what is more than the quotas of downloads and previous artifacts allow. Never throws: left-overs can wait.
   */
  cleanup(): Promise<void>;
}

/** May this installation be updated, and by which hook? */
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
  /** Arguments for the relaunched app; `undefined` when it must not be started. */
  readonly relaunch: readonly string[] | undefined;
}

/**
 * Decides at the last moment, by the rules of a check, whether a staged release is still to be installed: over the index
 * that is stored, the version that runs, the channel in use, the administrator's policy and what the user agreed to.
 * @throws UpdateError `STAGE_OUTDATED` when it is not
 */
export type AssertWanted = (recalled: RecalledRelease) => Promise<void>;

/** How the installed app is started after a commit. */
export interface Launch {
  readonly execPath: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export interface InstallOutcome {
  /** What to start once this process has ended; `undefined` when the installer starts the app itself, or nobody. */
  readonly launch: Launch | undefined;
  /** True when the installer finishes after this process has ended (NSIS, Squirrel.Mac). */
  readonly handedOver: boolean;
  /** Ends the app, where its installer must do that itself to start the new version. @defaultValue the process exits */
  readonly quit?: () => void;
}

/**
 * What is installed, for a hook that can tell by looking. After a crash the room compares it with what was there before
 * and with what should be there. Without it the running version decides.
 */
interface InstalledState {
  /** Absolute path of what is replaced. */
  readonly path: string;
  /** Absolute path at which a commit keeps the version before: renaming it to `path` puts it back. */
  readonly previous: string;
  /** A fingerprint of what is installed now: it changes when the app is replaced, and at no other time. */
  current(): Promise<string>;
  /** What `current` gives once the job is committed. */
  after(job: Pick<InstallJob, 'trusted'>): string;
  /** How the installed app is started. */
  launch(args: readonly string[]): Launch;
}

/** The platform part that replaces the installed app. Each step is journalled and may be repeated after a crash. */
export interface InstallHook {
  readonly kind: ArtifactKind;
  /** With it, the first start is supervised and a version that fails is rolled back. */
  readonly installed?: InstalledState;
  canInstall(): Promise<InstallVerdict>;
  /** Everything that takes time and leaves the installed app untouched. */
  prepare(job: InstallJob): Promise<void>;
  /** Replaces the app. Afterwards the new version is installed, or an error was thrown and the old one is. */
  commit(job: InstallJob): Promise<InstallOutcome>;
  /** After the new version was confirmed: drops the previous one's left-overs. */
  cleanup(): Promise<void>;
  /** Puts the previous version back. Resolves `false` when there is none. */
  restore(): Promise<boolean>;
  /** Where {@link restore} is not ours to do: the command by which a person goes back to `version`, if there is a way. */
  wayBack?(version: string): Promise<string | undefined>;
  /** Files of this installation that hold bytes of its artifact, best first. @defaultValue the installed tree's files */
  seeds?(): Promise<readonly string[]>;
  /** What is installed is another form than the artifact, which nobody else keeps: see {@link StagingArea.retire}. */
  readonly retires?: boolean;
}

/** What the install room found and did when the app started. */
export type Recovery =
  | { readonly type: 'nothing' }
  /** An interrupted install was undone or had not begun: the old version runs. */
  | {
      readonly type: 'undone';
      readonly version: string;
      /** What did not come about. */
      readonly to: string;
      /** Set when an installer was handed the update and did not replace the app; for a person. */
      readonly reason?: string;
    }
  /** This start is the first of a new version. */
  | { readonly type: 'installed'; readonly from: string; readonly to: string }
  | {
      readonly type: 'rolled-back';
      /** The version that failed, and the one that was put back. */
      readonly from: string;
      readonly to: string;
      readonly reason: string;
      /** Set when the failed version is the one that runs: start this and end the process. */
      readonly launch?: Launch;
    }
  /** The running version keeps failing and there is no safe way back to `from`: only a newer version helps. */
  | { readonly type: 'failing'; readonly from: string; readonly to: string; readonly reason: string };

/** What a new version is given time for when it is started first, and how often it may fail. */
export interface FirstStartLimits {
  /** Abnormal ends before it is given up, 1 to 10. @defaultValue 2 */
  readonly failures: number;
  /** Milliseconds from its start until its updater must be there, 1 second to 10 minutes. @defaultValue 60000 */
  readonly loadMs: number;
  /** Milliseconds for which its main process may not answer, 5 seconds to 10 minutes. @defaultValue 30000 */
  readonly hangMs: number;
  /** Milliseconds for which it is watched unless it confirms before, 1 second to an hour. @defaultValue 120000 */
  readonly watchMs: number;
}

export interface Installer {
  readonly kind: ArtifactKind | undefined;
  canInstall(): Promise<InstallVerdict>;
  /** At start, before anything else: finishes or undoes what the journal says. Never throws for a corrupt journal. */
  recover(): Promise<Recovery>;
  /** Decides and verifies at use, runs the hook, journals each step. @throws UpdateError `STAGE_OUTDATED` and others */
  install(staged: StagedUpdate, relaunch: readonly string[] | undefined): Promise<InstallOutcome>;
  /**
   * Starts what `install` gave, as soon as this process has ended: end it now. Where a rollback is possible, a process that
   * is neither version watches until the new one has confirmed that it works, and puts the previous one back when it
   * does not.
   */
  launch(launch: Launch): Promise<void>;
  /** The running version is good: the previous one may go. */
  confirmHealthy(): Promise<void>;
  /** Local files that a new version's bytes may be copied from; see `DownloadDelta.seeds`. Never throws. */
  seeds(): Promise<readonly string[]>;
  /** Data is about to be changed so that the previous version cannot read it: no automatic rollback after this. */
  pointOfNoReturn(): Promise<void>;
  /** The app ends as it should: that it did not confirm its health yet is no failure. Call it when it quits. */
  noteQuit(): Promise<void>;
  /** Versions that failed here and are not offered again. */
  quarantined(): Promise<readonly string[]>;
}
