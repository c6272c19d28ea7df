import type { UpdateErrorCode, UpdateErrorData } from './errors.ts';
import type { Explanation } from './explanation.ts';

export type { Explanation, Obstacle, Remedy } from './explanation.ts';

/**
 * The states of the update manager, one tagged union. Plain data: it travels over IPC as it is. Arrows are events of the
 * reducer, `main/manager/state/state-machine.ts`, whose table has all of them.
 *
 * ```
 * idle ───────────► checking ───────► available ───────► downloading ──────► verifying
 *  ▲  check-started  │   │    found    ▲   download-      ▲  │    verify-      │   │
 *  │                 │   │             │   started        │  │    started      │   │
 *  │  check-found-   │   │             │         resumed  │  ▼  paused         │   │
 *  ├─ nothing,  ─────┘   │             │                 paused               │   │
 *  │  check-failed       │             └── found, when it was cancelled or ◄──┘   │
 *  │                     │                 failed: from all three                 │
 *  │                     │ staged                                                 │ staged
 *  │                     └──────────────► staged ◄────────────────────────────────┘
 *  │                                       │  ▲
 *  │             attention-needed          │  │ install-failed
 *  │   needs-attention ◄──────────────┐    ▼  │
 *  │          └────────────────────► installing ────► the new version starts
 *  │             install-started           │
 *  └───────────────────────────────────────┘ staged-lost
 *
 * stale: from checking, by went-stale. A silent freeze becomes visible.
 * At rest (idle, stale, available, staged, needs-attention, rolled-back) a check can start; reset leads to idle.
 * rolled-back: from idle, once after a failed update.   disabled: final, from idle and rolled-back.
 * Not drawn: staged also from idle (at start), staged and needs-attention (another time); attention-needed also from
 * staged; verify-started also from paused. deferred, progressed and unhealthy keep the state.
 * ```
 */
export type UpdateState =
  | DisabledState
  | IdleState
  | CheckingState
  | AvailableState
  | DownloadingState
  | PausedState
  | VerifyingState
  | StagedState
  | InstallingState
  | StaleState
  | NeedsAttentionState
  | RolledBackState;

export type UpdateStateType = UpdateState['type'];

/** Why updates are off in this installation. */
export type DisabledReason = 'development' | 'managed-by-store' | 'unsupported' | 'policy' | 'misconfigured';

/** When a staged update is installed. `now`: only when `install()` is called. */
export type InstallAt = 'now' | 'quit' | 'next-launch';

/** The facts about a release that a page may see. */
export interface ReleaseSummary {
  readonly version: string;
  readonly channel: string;
  /** ISO 8601. */
  readonly releasedAt: string;
  /** Markdown by language tag; show it as inert text only. */
  readonly notes: Readonly<Record<string, string>>;
  readonly critical: boolean;
  /** The direction. `rollback`: older, as the publisher signed. `downgrade`: older, and the user agreed. @defaultValue upgrade */
  readonly step?: UpdateStep;
}

export type UpdateStep = 'upgrade' | 'rollback' | 'downgrade';

/** A release as the channel's index lists it, whether it is offered to this installation or not. */
export interface ListedRelease {
  readonly version: string;
  /** ISO 8601. */
  readonly releasedAt: string;
  /** Markdown by language tag; show it as inert text only. */
  readonly notes: Readonly<Record<string, string>>;
  readonly critical: boolean;
  readonly withdrawn: boolean;
  readonly minimumSystemVersion?: string;
  /** Percent of installations, when it is not for all yet. */
  readonly rolloutPercent?: number;
  /** The file for this kind of installation; absent when there is none. */
  readonly file?: {
    readonly name: string;
    /** Bytes. */
    readonly size: number;
    /** Lower-case hex. */
    readonly sha256: string;
  };
}

/** Why nothing happens automatically with an available or staged release. A person can still continue. */
export interface Deferral {
  /** `cancelled`: until the next check. */
  readonly reason: 'cancelled' | 'remind-later' | 'quiet-hours' | 'metered' | 'battery' | 'policy';
  /** ISO 8601, if it is known. */
  readonly until?: string;
}

/** What a switch to another channel would lead to. */
export interface ChannelPreview {
  readonly channel: string;
  /** The release that would be offered; absent if the installed version stays until the channel has a newer one. */
  readonly release?: ReleaseSummary;
  /** True if the release is older than the installed version, so that installing it needs `allowDowngrade`. */
  readonly needsConsent: boolean;
  /** Why the release cannot be installed over this version's data, for a person. The switch itself is possible. */
  readonly blocked?: string;
}

/** A completed install. A history lists the newest first. */
export interface HistoryEntry {
  readonly result: 'installed' | 'rolled-back';
  readonly from: string;
  readonly to: string;
  /** ISO 8601. */
  readonly at: string;
  /** Why it was rolled back, for a person. */
  readonly reason?: string;
}

/** A newer release that is not offered. `not-allowed`: by the administrator. `requires`: another version first. */
export interface HeldBack {
  readonly version: string;
  readonly reason: 'rollout' | 'not-allowed' | 'system' | 'no-artifact' | 'quarantined' | 'skipped' | 'requires';
  /** The facts behind the reason: `version`, `share`, `range`, `system` … */
  readonly params: Readonly<Record<string, string>>;
  /** One sentence, in English. */
  readonly message: string;
}

/** Why an update is or is not offered, in words and facts. Contains no paths, addresses or ids. */
export interface DiagnosticReport {
  /** One sentence. */
  readonly summary: string;
  /** One sentence for each release that is listed but not offered, newest first. */
  readonly releases: readonly string[];
  /** The newest release that is newer than the installed version but not offered to this installation. */
  readonly heldBack?: HeldBack;
  /** Plain facts: versions, platform, channel, policy, metadata versions and expiry, last check, last error. */
  readonly facts: Readonly<Record<string, string | number | boolean>>;
  /** The whole report as text, to paste into a support request. */
  readonly text: string;
}

/** The outcome of an update, for the app's own statistics. The updater itself sends nothing. */
export interface UpdateOutcome {
  readonly type: 'offered' | 'downloaded' | 'installed' | 'rolled-back' | 'failed';
  readonly version: string;
  /** The version that was running. */
  readonly from: string;
  readonly channel: string;
  /** ISO 8601. */
  readonly at: string;
  /** With `failed`. */
  readonly code?: UpdateErrorCode;
}

export type ProgressPhase = 'index' | 'copy' | 'download' | 'verify';

/** Progress of one download. It never runs backwards within a phase. */
export interface Progress {
  readonly phase: ProgressPhase;
  /** Bytes of the result that are on disk, received or copied from local seeds. */
  readonly received: number;
  /** Bytes of the result. */
  readonly total: number;
  /** Bytes that did not have to be transferred. */
  readonly saved: number;
  readonly bytesPerSecond: number;
  /** Seconds left, if they can be estimated. */
  readonly etaSeconds?: number;
}

export interface DisabledState {
  readonly type: 'disabled';
  readonly reason: DisabledReason;
  /** For a person, in whatever language: `standardDialogs` has its words in all of its languages. */
  readonly explanation: Explanation;
  /** The same in English. */
  readonly message: string;
}
export interface IdleState {
  readonly type: 'idle';
  /** ISO 8601 time of the last successful check. */
  readonly lastCheck?: string;
  readonly lastError?: UpdateErrorData;
}
export interface CheckingState {
  readonly type: 'checking';
}
export interface AvailableState {
  readonly type: 'available';
  readonly release: ReleaseSummary;
  /** Bytes that the cheapest plan transfers. */
  readonly downloadSize: number;
  /** Bytes of the whole artifact. */
  readonly fullSize: number;
  readonly deferred?: Deferral;
  /** The error of the last download or check, if it failed. */
  readonly lastError?: UpdateErrorData;
}
export interface DownloadingState {
  readonly type: 'downloading';
  readonly release: ReleaseSummary;
  readonly progress: Progress;
}
export interface PausedState {
  readonly type: 'paused';
  readonly release: ReleaseSummary;
  readonly progress: Progress;
  readonly reason: 'user' | 'offline' | 'policy';
}
export interface VerifyingState {
  readonly type: 'verifying';
  readonly release: ReleaseSummary;
}
export interface StagedState {
  readonly type: 'staged';
  readonly release: ReleaseSummary;
  readonly installAt: InstallAt;
  readonly deferred?: Deferral;
  /** The error of the last install attempt or check, if it failed. */
  readonly lastError?: UpdateErrorData;
}
export interface InstallingState {
  readonly type: 'installing';
  readonly release: ReleaseSummary;
}
/** There is no fresh metadata, and the last one has expired. This makes a freeze attack visible. */
export interface StaleState {
  readonly type: 'stale';
  /** ISO 8601. */
  readonly since: string;
  readonly lastError?: UpdateErrorData;
}
export interface NeedsAttentionState {
  readonly type: 'needs-attention';
  readonly release: ReleaseSummary;
  /** For a person, in whatever language: `standardDialogs` has its words in all of its languages. */
  readonly explanation: Explanation;
  /** The obstacle, in English. */
  readonly what: string;
  /** What to do, perhaps a command to run, in English. */
  readonly how: string;
  readonly error: UpdateErrorData;
}
export interface RolledBackState {
  readonly type: 'rolled-back';
  readonly from: string;
  readonly to: string;
  readonly reason: string;
}
