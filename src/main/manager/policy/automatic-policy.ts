import type { Deferral, InstallAt, UpdateState } from '../../../shared/state.ts';
import { type ArtifactKind, artifactKindFacts } from '../../../shared/artifact-kinds.ts';
import { type TimeWindow, isWithin, nextChange } from './time-windows.ts';
import type { Preferences } from '../storage/preferences.ts';

/** Which automatic actions the app allows. */
export interface AutomaticPolicy {
  readonly download: 'all' | 'critical' | 'none';
  readonly restartForCritical: boolean;
  readonly quietHours: readonly TimeWindow[];
  readonly onBattery: boolean;
  readonly onMetered: boolean;
}

/** The current conditions. `now` in milliseconds since the epoch. */
export interface Conditions {
  readonly now: number;
  readonly onBattery: boolean;
  readonly metered: boolean;
  /** The version whose download was cancelled since the last check. */
  readonly cancelled: string | undefined;
  /** The user asked to be reminded later of this version. */
  readonly remindLater: Preferences['remindLater'] | undefined;
  /** The administrator's hours. They also apply to what the user requests. An empty list allows all hours. */
  readonly allowedHours: readonly TimeWindow[];
}

interface Wanted {
  readonly version: string;
  readonly critical: boolean;
}

/**
 * Why automatic downloads, restarts and dialogs are deferred now; `undefined` if they are not. Only the administrator's
 * hours and a cancelled download defer a critical release. Pure.
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

/** Maximum time in milliseconds for which a release can be deferred. */
export const longestRemindMs: number = 90 * 24 * 60 * 60_000;
const clockSlackMs = 60 * 60_000;

/** False for a reminder that was set while the clock was ahead. Otherwise it would come much too late. */
function isRunning({ since, until }: NonNullable<Preferences['remindLater']>, now: number): boolean {
  const wasAhead = until - now > longestRemindMs || (since !== undefined && since - now > clockSlackMs);
  return until > now && !wasAhead;
}

/** The deferral outside the administrator's hours. It also applies to what the user requests. Pure. */
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
 * The next automatic action, given the result of {@link deferralOf}. A failed action is not repeated before the next
 * check. Pure.
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
 * When a staged update is installed by default. If the install asks for an administrator's password, or failed too
 * often, it waits until the user requests it. Pure.
 */
export function defaultInstallAt(wanted: InstallAt, kind: ArtifactKind | undefined, failedTries: number): InstallAt {
  const mayAskForPassword = kind !== undefined && artifactKindFacts[kind].installsAsRoot;
  return mayAskForPassword || failedTries >= maxTries ? 'now' : wanted;
}

/** Number of failed installs of a version after which it is no longer installed automatically. */
const maxTries = 3;
