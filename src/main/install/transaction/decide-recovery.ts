import type { InstallRecord } from '../state/install-journal.ts';

/** The facts at this start. */
export interface StartFacts {
  readonly version: string;
  readonly machine: string;
  readonly boot: string;
  readonly pid: number;
  /** Path and fingerprint of the installed app; absent for hooks that cannot inspect it. */
  readonly installed?: { readonly path: string; readonly mark: string };
  /** True if the process in the record is still running. */
  readonly runIsAlive: boolean;
  /** Why the watchdog gave up the new version, if it did. The rest of a sentence that starts with the version. */
  readonly verdict?: string;
}

export type RecoveryDecision =
  | { readonly do: 'nothing' }
  /** The journal is not about this installation. */
  | { readonly do: 'discard' }
  /** The old version runs. `reason`: an installer took the update and did not replace the app. */
  | { readonly do: 'undo'; readonly reason?: string }
  /** This start is the first of the new version. */
  | { readonly do: 'begin'; readonly record: InstallRecord }
  /** The new version starts again and is not yet confirmed. */
  | { readonly do: 'continue'; readonly record: InstallRecord }
  | { readonly do: 'roll-back'; readonly reason: string }
  /** The previous version was restored. */
  | { readonly do: 'report'; readonly reason: string }
  /** The new version keeps failing and cannot be rolled back. */
  | { readonly do: 'give-up'; readonly record: InstallRecord; readonly reason: string }
  /**
   * The installed app reports another version than the release. Without a quarantine it would be offered again and
   * again.
   */
  | { readonly do: 'mislabelled'; readonly reason: string };

/**
 * Decides what to do with an install journal at start. The installed app decides; the journal only tells what that
 * means. Pure.
 * @param maxFailures number of abnormal ends after which a new version is given up
 */
export function decideRecovery(
  record: InstallRecord | undefined,
  facts: StartFacts,
  maxFailures: number,
): RecoveryDecision {
  if (record === undefined) return { do: 'nothing' };
  if (record.machine !== facts.machine || record.path !== facts.installed?.path) return { do: 'discard' };
  const side = sideOf(record, facts);
  if (side === 'neither') return { do: 'discard' };
  const reason = reasonOf(record, facts.verdict);
  if (side === 'from') {
    const isBack = facts.verdict !== undefined || record.step === 'rolled-back' || record.step === 'rolling-back';
    if (isBack) return { do: 'report', reason };
    return record.step === 'handed-over' ? { do: 'undo', reason: notTaken } : { do: 'undo' };
  }
  // The fingerprint shows what is installed. The version that the app reports may be wrong.
  if (facts.installed !== undefined && facts.version !== record.to.version) {
    return {
      do: 'mislabelled',
      reason: `It was published as ${record.to.version} and says that it is ${facts.version}.`,
    };
  }
  return decideStart(record, facts, maxFailures, reason);
}

function decideStart(record: InstallRecord, facts: StartFacts, maxFailures: number, reason: string): RecoveryDecision {
  if (record.step === 'rolling-back') return { do: 'roll-back', reason };
  const { run, ...rest } = record;
  // This is a second instance. The first one is not yet confirmed.
  if (run !== undefined && facts.runIsAlive) return { do: 'nothing' };
  const endedAbnormally = run !== undefined && run.boot === facts.boot;
  const failures = record.failures + (endedAbnormally ? 1 : 0);
  const next: InstallRecord = { ...rest, failures, run: { pid: facts.pid, boot: facts.boot } };
  const isGivenUp = facts.verdict !== undefined && record.step !== 'stuck';
  if (isGivenUp || (failures >= maxFailures && endedAbnormally)) {
    return mayRollBack(record)
      ? { do: 'roll-back', reason }
      : { do: 'give-up', record: { ...next, step: 'stuck', reason }, reason };
  }
  if (record.step === 'stuck') return { do: 'give-up', record: next, reason };
  if (record.step === 'started') return { do: 'continue', record: next };
  return { do: 'begin', record: { ...next, step: 'started' } };
}

function sideOf(record: InstallRecord, { installed, version }: StartFacts): 'from' | 'to' | 'neither' {
  const found = installed?.mark ?? version;
  if (found === (installed === undefined ? record.to.version : record.to.mark)) return 'to';
  return found === (installed === undefined ? record.from.version : record.from.mark) ? 'from' : 'neither';
}

/** Allows an automatic rollback only if the old version can read the data of the new one. */
export function mayRollBack(record: InstallRecord): boolean {
  return record.path !== undefined && !record.pastReturn && record.from.dataVersion === record.to.dataVersion;
}

function reasonOf({ reason, to }: InstallRecord, verdict: string | undefined): string {
  if (reason !== undefined) return reason;
  return `Version ${to.version} ${verdict ?? 'ended abnormally several times before it was ready'}.`;
}

const notTaken =
  'The installer was started and did not replace the app. Try again, or install the new version by hand.';
