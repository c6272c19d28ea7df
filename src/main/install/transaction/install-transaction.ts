import { randomUUID } from 'node:crypto';

import { textOf, UpdateError } from '../../../shared/errors.ts';
import type { InstallJob, InstallOutcome, StagedUpdate, TrustedRelease } from '../../ports.ts';
import { maxInstalls } from '../state/failed-versions.ts';
import type { InstallRecord } from '../state/install-journal.ts';
import { withDiskErrors } from '../support/disk-errors.ts';
import { locked, inspectInstalled, type InstallContext, sideOf } from '../context.ts';

/**
 * Decides again about the staged update, verifies it, and runs the hook. Writes every step to the journal before it is
 * taken. After an error, the old version is installed and the journal is empty.
 */
export async function installTransaction(
  context: InstallContext,
  staged: StagedUpdate,
  relaunch: readonly string[] | undefined,
): Promise<InstallOutcome> {
  return withDiskErrors(() =>
    locked(context, async () => {
      const { staging, facts } = context;
      const trusted = await recallWanted(context, staged);
      await assertNoLoop(context, staged.version);
      const file = await staging.open(staged, trusted.target);
      try {
        const job: InstallJob = { staged, trusted, file, fromVersion: facts.version, relaunch };
        return await runSteps(context, job, await describe(context, trusted));
      } finally {
        await file.close();
      }
    }),
  );
}

/**
 * Finds the staged release in the stored metadata and decides about it again, because index, app or settings may differ
 * now.
 */
async function recallWanted(
  { trust, staging, assertWanted }: InstallContext,
  staged: StagedUpdate,
): Promise<TrustedRelease> {
  try {
    const recalled = await trust.lookUpOffline(staged.query, staged.version, staged.kind);
    if (recalled === undefined) {
      throw new UpdateError('STAGE_OUTDATED', 'The staged update is no longer offered. Check for updates again.');
    }
    await assertWanted(recalled);
    return recalled;
  } catch (error) {
    if (error instanceof UpdateError) await staging.discard();
    throw error;
  }
}

async function runSteps(context: InstallContext, job: InstallJob, record: InstallRecord): Promise<InstallOutcome> {
  const { hook, journal, failedVersions: memory, logger } = context;
  let outcome: InstallOutcome;
  try {
    await journal.write(record);
    await hook.prepare(job);
    await journal.write({ ...record, step: 'replacing' });
    outcome = await hook.commit(job);
  } catch (error) {
    if (!(await isReplaced(context, record))) {
      await undo(context);
      throw error;
    }
    // The app was replaced, and a later step failed, such as the sync. The install counts as done.
    logger.warn(`install: ${record.to.version} is installed, with an error: ${textOf(error)}`);
    const launch = job.relaunch === undefined ? undefined : hook.installed?.launch(job.relaunch);
    outcome = { launch, handedOver: false };
  }
  try {
    await journal.write({ ...record, step: outcome.handedOver ? 'handed-over' : 'replaced' });
  } catch (error) {
    // Recovery inspects the installed app, so it does not depend on this step.
    logger.warn(`install: journal.json cannot be written: ${textOf(error)}`);
  }
  await memory.noteInstall(record.to.version);
  return outcome;
}

async function isReplaced({ hook }: InstallContext, record: InstallRecord): Promise<boolean> {
  const now = await inspectInstalled(hook);
  return now !== undefined && now.mark === record.to.mark && now.mark !== record.from.mark;
}

async function undo({ hook, journal, logger }: InstallContext): Promise<void> {
  try {
    await hook.cleanup();
    await journal.clear();
  } catch (error) {
    logger.warn(`install: files that are no longer needed stay until the next start: ${textOf(error)}`);
  }
}

async function describe(context: InstallContext, trusted: TrustedRelease): Promise<InstallRecord> {
  const { hook, facts, machine } = context;
  const now = await inspectInstalled(hook);
  return {
    schema: 1,
    id: randomUUID(),
    kind: hook.kind,
    machine: machine.id,
    ...(now === undefined ? {} : { path: now.path }),
    from: sideOf(facts.version, now?.mark, await installedDataVersion(context, trusted)),
    to: sideOf(trusted.release.version, hook.installed?.after({ trusted }), trusted.release.dataVersion),
    step: 'preparing',
    failures: 0,
    pastReturn: false,
  };
}

/** The data version that was stored when the running version was installed, or else the one in the signed index. */
async function installedDataVersion(
  { trust, facts, hook, failedVersions: memory, logger }: InstallContext,
  to: TrustedRelease,
): Promise<number | undefined> {
  const remembered = await memory.dataVersion(facts.version);
  if (remembered !== undefined) return remembered;
  try {
    return (await trust.lookUpOffline(to.query, facts.version, hook.kind))?.release.dataVersion;
  } catch (error) {
    // Without network, the metadata of another release may be missing. An unknown data version equals only an unknown
    // one.
    logger.debug(`install: the data version of ${facts.version} is unknown: ${textOf(error)}`);
    return undefined;
  }
}

/** Ends an endless loop of installs of a version that is never confirmed. */
async function assertNoLoop({ failedVersions: memory, staging }: InstallContext, version: string): Promise<void> {
  if ((await memory.installs(version)) < maxInstalls) return;
  const reason = `Version ${version} was installed ${maxInstalls} times and never confirmed.`;
  await memory.quarantine(version, reason);
  await staging.discard();
  throw new UpdateError('INSTALL_UNHEALTHY', `${reason} It is not tried again, but the next version is.`);
}
