import type { Deferral, InstallAt, UpdateState } from '../../../shared/state.ts';
import { type ArtifactKind, artifactKindFacts } from '../../../shared/artifact-kinds.ts';
import { type TimeWindow, isWithin, nextChange } from './time-windows.ts';
import type { Preferences } from '../storage/preferences.ts';

/** What the app wants to happen by itself. */
export interface AutomaticPolicy {
  readonly download: 'all' | 'critical' | 'none';
  readonly restartForCritical: boolean;
  readonly quietHours: readonly TimeWindow[];
  readonly onBattery: boolean;
  readonly onMetered: boolean;
}

/** What is true right now. `now` in milliseconds since the epoch. */
export interface Conditions {
  readonly now: number;
  readonly onBattery: boolean;
  readonly metered: boolean;
  /** The version whose download was cancelled since the last check. */
  readonly cancelled: string | undefined;
  /** The user asked to be reminded later of this version. */
  readonly remindLater: Preferences['remindLater'] | undefined;
  /** The administrator's hours; binding for everybody. Empty: always. */
  readonly allowedHours: readonly TimeWindow[];
}

interface Wanted {
  readonly version: string;
  readonly critical: boolean;
}

/**
 * Why nothing is downloaded, restarted or shown by itself now; `undefined` when it may. Pure. What is critical waits
 * for the administrator's hours only, and for who has just cancelled it.
 */
export function deferralOf(release: Wanted, policy: AutomaticPolicy, conditions: Conditions): Deferral | undefined {
  const { now, remindLater, cancelled } = conditions;
  const refused = outsideAllowedHours(conditions);
  if (refused !== undefined) return refused;
  if (cancelled === release.version) return { reason: 'cancelled' };
  if (release.critical) return undefined;
  if (remindLater?.version === release.version && isRunning(remindLater, now)) {
    return { reason: 'remind-later', until: new Date(remindLater.until).toISOString() };
  }
  if (isWithin(policy.quietHours, now)) return timed('quiet-hours', nextChange(policy.quietHours, now));
  if (conditions.metered && !policy.onMetered) return { reason: 'metered' };
  if (conditions.onBattery && !policy.onBattery) return { reason: 'battery' };
  return undefined;
}

/** Milliseconds that a release can be put off at most. */
export const longestRemindMs: number = 90 * 24 * 60 * 60_000;
const clockSlackMs = 60 * 60_000;

/** What was put off under a clock that was ahead is not: nobody would be reminded before that time comes. */
function isRunning({ since, until }: NonNullable<Preferences['remindLater']>, now: number): boolean {
  const wasAhead = until - now > longestRemindMs || (since !== undefined && since - now > clockSlackMs);
  return until > now && !wasAhead;
}

/** The administrator's hours, which bind people too. Pure. */
export function outsideAllowedHours({
  now,
  allowedHours,
}: Pick<Conditions, 'now' | 'allowedHours'>): Deferral | undefined {
  if (allowedHours.length === 0 || isWithin(allowedHours, now)) return undefined;
  return timed('policy', nextChange(allowedHours, now));
}

function timed(reason: Deferral['reason'], until: number | undefined): Deferral {
  return { reason, ...(until === undefined ? {} : { until: new Date(until).toISOString() }) };
}

/**
 * What the updater does next by itself. Pure; {@link deferralOf} has been asked. What failed is not tried again before
 * the next check.
 */
export function nextAutomaticAction(
  state: UpdateState,
  policy: AutomaticPolicy,
  deferral: Deferral | undefined,
): 'download' | 'install-now' | 'pause' | 'resume' | 'nothing' {
  switch (state.type) {
    case 'available':
      return deferral === undefined && state.lastError === undefined && wants(policy, state.release)
        ? 'download'
        : 'nothing';
    case 'downloading':
      return deferral === undefined ? 'nothing' : 'pause';
    case 'paused':
      return deferral === undefined && state.reason === 'policy' ? 'resume' : 'nothing';
    case 'staged':
      return deferral === undefined &&
        state.release.critical &&
        policy.restartForCritical &&
        state.lastError === undefined
        ? 'install-now'
        : 'nothing';
    default:
      return 'nothing';
  }
}

function wants({ download }: AutomaticPolicy, release: Wanted): boolean {
  return download === 'all' || (download === 'critical' && release.critical);
}

/**
 * When a staged update is installed if nobody says otherwise: when the app quits, but only when somebody asks where that
 * would show a prompt for an administrator's password. Pure.
 */
export function defaultInstallAt(wanted: InstallAt, kind: ArtifactKind | undefined, failedTries: number): InstallAt {
  const mayAskForPassword = kind !== undefined && artifactKindFacts[kind].installsAsRoot;
  return mayAskForPassword || failedTries >= maxTries ? 'now' : wanted;
}

/** Installs of one version that may fail before nothing is tried by itself any more. */
const maxTries = 3;
