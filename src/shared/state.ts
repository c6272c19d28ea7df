import type { UpdateErrorData } from './errors.ts';

/**
 * The states of the update manager, one tagged union. Plain data: it travels over IPC as it is.
 *
 * ```
 *            ┌────────────── stale ◄──────────┐
 *            ▼                                │
 *  idle ► checking ► available ► downloading ► verifying ► staged ► installing
 *   ▲        │           │         │   ▲          │          │          │
 *   └────────┴───────────┘         ▼   │          │          ▼          ▼
 *   ▲                             paused          │    needs-attention  (the new version starts)
 *   └─────────────────────────────────────────────┘
 *  disabled: final.  rolled-back: shown once after a failed update, then as idle.
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

/** When a staged update is installed. */
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
  /** For a person. */
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
  /** Why the last try to install did not happen, if there was one. */
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
  /** What is in the way, for a person. */
  readonly what: string;
  /** What to do, perhaps a command to run, for a person. */
  readonly how: string;
  readonly error: UpdateErrorData;
}
export interface RolledBackState {
  readonly type: 'rolled-back';
  readonly from: string;
  readonly to: string;
  readonly reason: string;
}
