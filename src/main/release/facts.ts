import type { ArtifactKind } from '../../shared/artifact-kinds.ts';

/** What is true of this installation when a release is chosen. Plain data: the choice takes no clock and no disk. */
export interface ReleaseFacts {
  /** The installed version, semver. */
  readonly installed: string;
  /** The kinds of artifact that can replace this installation, the preferred one first. */
  readonly kinds: readonly ArtifactKind[];
  /** The machine's own architecture as Node names it; it differs from `arch` under Rosetta or WOW64. */
  readonly nativeArch: string;
  /** The process's architecture as Node names it. */
  readonly arch: string;
  /** Version of the operating system; digits and dots at its start are compared. */
  readonly systemVersion: string;
  /** Milliseconds since the epoch, as the device believes. */
  readonly now: number;
  /** Random, made once per installation, never sent: it decides the rollout bucket. */
  readonly installId: string;
  /** Nothing below this version is offered, whatever is signed. */
  readonly versionFloor?: string;
  /** A semver range that an administrator allows. @defaultValue every version */
  readonly allowed?: string;
  /** Versions that the user does not want. A critical release is offered all the same. */
  readonly skipped?: readonly string[];
  /** Versions that failed on this machine. */
  readonly quarantined?: readonly string[];
  /** After a channel switch that the user agreed to: an older release may be offered. @defaultValue false */
  readonly allowDowngrade?: boolean;
}
