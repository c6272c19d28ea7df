import { omitUndefined } from '../../../shared/omit-undefined.ts';
import { textOf } from '../../../shared/errors.ts';
import type { Recovery } from '../../ports.ts';
import { decideRecovery, type RecoveryDecision } from './decide-recovery.ts';
import { awaitsConfirmation, type InstallRecord } from '../state/install-journal.ts';
import { isAlive } from '../state/machine-identity.ts';
import { dropWatchdogReport, readWatchdogReport } from '../state/watchdog-report.ts';
import { inspectInstalled, removeTemporaries, rollBack, type InstallContext, takeLock } from '../context.ts';

/** Called with the install that this process must confirm. */
type Claim = (record: InstallRecord) => void;

/** Finishes or undoes the install in the journal. Errors are only logged, because the app must start. */
export async function recover(context: InstallContext, claim: Claim): Promise<Recovery> {
  const lock = await takeLock(context).catch((error: unknown) => {
    context.logger.warn(`install: recovery continues without a lock: ${textOf(error)}`);
    return { release: () => undefined };
  });
  if (lock === undefined) return { type: 'nothing' };
  try {
    const recovery = await underLock(context, claim);
    // Nothing is being installed now, and recovery has determined which files are needed.
    await context.staging.cleanup();
    return recovery;
  } catch (error) {
    context.logger.error(`install: the last install could not be recovered: ${textOf(error)}`);
    return { type: 'nothing' };
  } finally {
    lock.release();
  }
}

async function underLock(context: InstallContext, claim: Claim): Promise<Recovery> {
  const { hook, journal, facts, machine, limits, directory, logger, heartbeat } = context;
  await removeTemporaries(context);
  const record = await journal.read();
  // The heartbeat starts before the installed file is hashed: the watchdog of a first start waits for it.
  const isWatched = record !== undefined && awaitsConfirmation(record);
  if (isWatched && !isRunAlive(record, machine.boot)) await heartbeat.start();
  const installed = record === undefined ? undefined : await inspectInstalled(hook);
  const verdict = record === undefined ? undefined : await readWatchdogReport(directory, record.id, logger);
  const decision = decideRecovery(
    record,
    {
      version: facts.version,
      machine: machine.id,
      boot: machine.boot,
      pid: process.pid,
      ...omitUndefined({ installed, verdict }),
      runIsAlive: isRunAlive(record, machine.boot),
    },
    limits.failures,
  );
  if (record === undefined) {
    await dropJournal(context);
    return { type: 'nothing' };
  }
  if ('record' in decision) claim(record);
  if (!isFirstRun(decision)) heartbeat.stop();
  return applyRecovery(context, record, decision);
}

/** True if the process in the record is still running and is not this one. */
function isRunAlive(record: InstallRecord | undefined, boot: string): boolean {
  const { run } = record ?? {};
  return run !== undefined && run.boot === boot && run.pid !== process.pid && isAlive(run.pid);
}

/** True if the watchdog watches this start. */
function isFirstRun(decision: RecoveryDecision): boolean {
  return decision.do === 'begin' || decision.do === 'continue';
}

/** Archives the artifact of the new version. Runs before the journal is written, so that it is repeated after a crash. */
async function archiveStaged({ hook, staging, logger }: InstallContext, version: string): Promise<void> {
  if (hook.retires !== true) return;
  try {
    const staged = await staging.current();
    if (staged?.version === version && staged.kind === hook.kind) await staging.retire(staged);
  } catch (error) {
    logger.warn(`install: the next update cannot be a delta: ${textOf(error)}`);
  }
}

async function applyRecovery(
  context: InstallContext,
  record: InstallRecord,
  decision: RecoveryDecision,
): Promise<Recovery> {
  const { failedVersions: memory, logger, heartbeat, hook, facts } = context;
  const from = record.from.version;
  const to = record.to.version;
  switch (decision.do) {
    case 'nothing':
      return { type: 'nothing' };
    case 'discard':
      logger.info('install: the journal belongs to another installation and is discarded');
      await dropJournal(context);
      return { type: 'nothing' };
    case 'undo':
      await dropJournal(context);
      return {
        type: 'undone',
        version: from,
        to,
        ...omitUndefined({ reason: decision.reason }),
      };
    case 'begin':
      await archiveStaged(context, to);
      await keep(context, decision.record);
      await heartbeat.start();
      return { type: 'installed', from, to };
    case 'continue':
      await keep(context, decision.record);
      await heartbeat.start();
      return { type: 'nothing' };
    case 'give-up':
      await keep(context, decision.record);
      logger.error(`install: ${decision.reason}`);
      return { type: 'failing', from, to, reason: await withWayBack(context, from, decision.reason) };
    case 'mislabelled':
      logger.error(`install: ${decision.reason}`);
      await memory.quarantine(to, decision.reason);
      await dropJournal(context);
      return { type: 'nothing' };
    case 'report':
      await memory.quarantine(to, decision.reason);
      await dropJournal(context);
      return { type: 'rolled-back', from: to, to: from, reason: decision.reason };
    case 'roll-back': {
      if (!(await rollBack(context, decision.reason))) return { type: 'failing', from, to, reason: decision.reason };
      const launch = hook.installed?.launch(facts.argv);
      return { type: 'rolled-back', from: to, to: from, reason: decision.reason, ...(launch && { launch }) };
    }
  }
}

/** Adds the command to go back, if only a person can do that. */
async function withWayBack({ hook, logger }: InstallContext, from: string, reason: string): Promise<string> {
  try {
    const command = await hook.wayBack?.(from);
    return command === undefined ? reason : `${reason} To go back to ${from}, run: ${command}`;
  } catch (error) {
    logger.warn(`install: the command to go back is unknown: ${textOf(error)}`);
    return reason;
  }
}

async function keep({ logger, journal }: InstallContext, next: InstallRecord): Promise<void> {
  try {
    await journal.write(next);
  } catch (error) {
    logger.warn(`install: journal.json cannot be written: ${textOf(error)}`);
  }
}

/**
 * Clears the journal. Hooks that can inspect the installed app also clean up now; the others do so after the
 * confirmation.
 */
async function dropJournal({ hook, journal, directory }: InstallContext): Promise<void> {
  if (hook.installed !== undefined) await hook.cleanup();
  await dropWatchdogReport(directory);
  await journal.clear();
}
