import type { ArtifactKind } from '../../shared/artifact-kinds.ts';

/**
 * The facts about this installation that decide which release it gets. Plain data, so that the choice needs neither
 * clock nor disk.
 */
export interface ReleaseFacts {
  /** The installed version, semver. */
  readonly installed: string;
  /** The kinds of artifact that can replace this installation, preferred kind first. */
  readonly kinds: readonly ArtifactKind[];
  /** The machine's own architecture as Node names it. It differs from `arch` under Rosetta or WOW64. */
  readonly nativeArch: string;
  /** The process's architecture as Node names it. */
  readonly arch: string;
  /** Version of the operating system. Only the digits and dots at its start are compared. */
  readonly systemVersion: string;
  /** Milliseconds since the epoch, by the device's clock. */
  readonly now: number;
  /** A random id, created once per installation and never sent. It decides the rollout bucket. */
  readonly installId: string;
  /** No version below this one is offered, whatever is signed. */
  readonly versionFloor?: string;
  /** A semver range that an administrator allows. @defaultValue every version */
  readonly allowed?: string;
  /** Versions that the user skipped. A critical release is offered anyway. */
  readonly skipped?: readonly string[];
  /** Versions that failed on this machine. */
  readonly quarantined?: readonly string[];
  /**
   * Whether an older release may be offered, because the user agreed to it with a channel switch. @defaultValue false
   */
  readonly allowDowngrade?: boolean;
}
