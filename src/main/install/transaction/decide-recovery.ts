import type { InstallRecord } from '../state/install-journal.ts';

/** What is true at this start. */
export interface StartFacts {
  readonly version: string;
  readonly machine: string;
  readonly boot: string;
  readonly pid: number;
  /** What the hook sees: where and what is installed. Absent for hooks that go by the version. */
  readonly installed?: { readonly path: string; readonly mark: string };
  /** Does the process that the record speaks of still run? */
  readonly runIsAlive: boolean;
  /** Why the watcher of the first start gave the new version up, if it did; continues a sentence. */
  readonly verdict?: string;
}

export type RecoveryDecision =
  | { readonly do: 'nothing' }
  /** It is not about this installation. */
  | { readonly do: 'discard' }
  /** The old version runs. `reason`: an installer took the update and did not replace the app. */
  | { readonly do: 'undo'; readonly reason?: string }
  /** This start is the first of the new version. */
  | { readonly do: 'begin'; readonly record: InstallRecord }
  /** The new version starts again and has not confirmed yet. */
  | { readonly do: 'continue'; readonly record: InstallRecord }
  | { readonly do: 'roll-back'; readonly reason: string }
  /** The previous version is back. */
  | { readonly do: 'report'; readonly reason: string }
  /** It keeps failing and cannot be rolled back. */
  | { readonly do: 'give-up'; readonly record: InstallRecord; readonly reason: string }
  /** The app that was installed as one version says that it is another: it would be offered for ever. */
  | { readonly do: 'mislabelled'; readonly reason: string };

/**
 * What to do with an install journal at start. Pure: what is installed decides, the journal only says what it means.
 * `maxFailures` is how many abnormal ends a new version may have before it is given up.
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
  // Only the hook's own look tells what is installed; the version that runs may be a lie.
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
  // A second instance, while the first one is still on its way.
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

/** Automatic rollback: only where the old version can read the data that the new one leaves. */
export function mayRollBack(record: InstallRecord): boolean {
  return record.path !== undefined && !record.pastReturn && record.from.dataVersion === record.to.dataVersion;
}

function reasonOf({ reason, to }: InstallRecord, verdict: string | undefined): string {
  if (reason !== undefined) return reason;
  return `Version ${to.version} ${verdict ?? 'ended abnormally again and again before it was ready'}.`;
}

const notTaken =
  'The installer was started and did not replace the app. Try again, or install the new version by hand.';
