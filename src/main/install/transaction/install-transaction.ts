import { randomUUID } from 'node:crypto';

import { textOf, UpdateError } from '../../../shared/errors.ts';
import type { InstallJob, InstallOutcome, StagedUpdate, TrustedRelease } from '../../ports.ts';
import { maxInstalls } from '../state/failed-versions.ts';
import type { InstallRecord } from '../state/install-journal.ts';
import { withDiskErrors } from '../support/disk-errors.ts';
import { locked, inspectInstalled, type InstallContext, sideOf } from '../context.ts';

/**
 * Decides and verifies at use, and runs the hook. Every step is in the journal before it is taken; after an error the old version is
 * installed and the journal is empty.
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

/** What was decided when it was staged is decided again: the index, the app or its settings may be others since. */
async function recallWanted(
  { trust, staging, assertWanted }: InstallContext,
  staged: StagedUpdate,
): Promise<TrustedRelease> {
  try {
    const recalled = await trust.lookUpOffline(staged.query, staged.version, staged.kind);
    if (recalled === undefined) {
      throw new UpdateError('STAGE_OUTDATED', 'The staged update is not offered any more. Check for updates again.');
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
    // The app was replaced and what came after it failed, e.g. making it durable. It cannot be unsaid.
    logger.warn(`install: ${record.to.version} is installed, with an error: ${textOf(error)}`);
    const launch = job.relaunch === undefined ? undefined : hook.installed?.launch(job.relaunch);
    outcome = { launch, handedOver: false };
  }
  try {
    await journal.write({ ...record, step: outcome.handedOver ? 'handed-over' : 'replaced' });
  } catch (error) {
    // Recovery looks at what is installed; it needs this step only to save itself a look.
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
    logger.warn(`install: left-overs stay until the next start: ${textOf(error)}`);
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

/** What was remembered when the running version was installed, else what the signed index says of it. */
async function installedDataVersion(
  { trust, facts, hook, failedVersions: memory, logger }: InstallContext,
  to: TrustedRelease,
): Promise<number | undefined> {
  const remembered = await memory.dataVersion(facts.version);
  if (remembered !== undefined) return remembered;
  try {
    return (await trust.lookUpOffline(to.query, facts.version, hook.kind))?.release.dataVersion;
  } catch (error) {
    // Without network the metadata of another release need not be there. Unknown is safe: it only equals unknown.
    logger.debug(`install: nothing is known of ${facts.version}'s data: ${textOf(error)}`);
    return undefined;
  }
}

/** An app that is installed again and again and never confirms would keep its user busy for ever. */
async function assertNoLoop({ failedVersions: memory, staging }: InstallContext, version: string): Promise<void> {
  if ((await memory.installs(version)) < maxInstalls) return;
  const reason = `Version ${version} was installed ${maxInstalls} times and never stayed.`;
  await memory.quarantine(version, reason);
  await staging.discard();
  throw new UpdateError('INSTALL_UNHEALTHY', `${reason} It is not tried again; the next version will be.`);
}
