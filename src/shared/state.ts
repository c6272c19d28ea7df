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

/** When a staged update is installed. `now`: as soon as somebody asks for it, and not by itself. */
export type InstallAt = 'now' | 'quit' | 'next-launch';

/** What a page may know of a release. */
export interface ReleaseSummary {
  readonly version: string;
  readonly channel: string;
  /** ISO 8601. */
  readonly releasedAt: string;
  /** Markdown by language tag; show it as inert text only. */
  readonly notes: Readonly<Record<string, string>>;
  readonly critical: boolean;
  /** Where it leads. `rollback`: older, and its publisher says so; `downgrade`: older, and the user agreed. @defaultValue upgrade */
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

/** Why nothing happens by itself with an available or staged release. A person may go on all the same. */
export interface Deferral {
  /** `cancelled`: until the next check. */
  readonly reason: 'cancelled' | 'remind-later' | 'quiet-hours' | 'metered' | 'battery' | 'policy';
  /** ISO 8601, when it can be told. */
  readonly until?: string;
}

/** What a switch to another channel would lead to. Nothing is changed by looking. */
export interface ChannelPreview {
  readonly channel: string;
  /** What would be offered; absent when the installed version stays until the channel has something newer. */
  readonly release?: ReleaseSummary;
  /** The release is older than the installed version: the switch needs `allowDowngrade`, else the version stays. */
  readonly needsConsent: boolean;
  /** Why the release cannot be installed over this version's data, for a person. The switch itself is possible. */
  readonly blocked?: string;
}

/** One install that ended, newest first in a history. */
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

/** Why an update is or is not offered, in words, and the facts behind it. Holds no paths, addresses or ids. */
export interface DiagnosticReport {
  /** One sentence. */
  readonly summary: string;
  /** One sentence for each release that is listed but not offered, newest first. */
  readonly releases: readonly string[];
  /** The newest release that would be newer than the installed version, and is kept from this installation. */
  readonly heldBack?: HeldBack;
  /** Plain facts: versions, platform, channel, policy, metadata versions and expiry, last check, last error. */
  readonly facts: Readonly<Record<string, string | number | boolean>>;
  /** All of it as text, to paste into a support request. */
  readonly text: string;
}

/** What became of an update, for the app's own statistics. Nothing is sent by itself. */
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
  /** Bytes of the result that are there, whether received or copied from local seeds. */
  readonly received: number;
  /** Bytes of the result. */
  readonly total: number;
  /** Bytes that needed not be transferred. */
  readonly saved: number;
  readonly bytesPerSecond: number;
  /** Seconds left, when it can be told. */
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
  /** ISO 8601 time of the last check that ended well. */
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
  /** Why the last download or check did not end well, if it did not. */
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
  /** Why the last try to install, or the last check, did not end well, if it did not. */
  readonly lastError?: UpdateErrorData;
}
export interface InstallingState {
  readonly type: 'installing';
  readonly release: ReleaseSummary;
}
/** No fresh metadata for longer than its expiry: a silent freeze becomes visible. */
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
  /** What is in the way, in English. */
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
