import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { systemCode, textOf, UpdateError } from '../../shared/errors.ts';
import { startAfterEnd, type StartAfterEnd } from '../node/start-after-end.ts';
import type {
  AssertWanted,
  FirstStartLimits,
  InstallHook,
  Installer,
  InstallVerdict,
  StagingArea,
  ReleaseVerifier,
} from '../ports.ts';
import { chooseHook } from './hooks/choose-hook.ts';
import { openFailedVersions } from './state/failed-versions.ts';
import { createHeartbeat, type Rhythm } from './state/heartbeat.ts';
import type { HookContext } from './hook-context.ts';
import { hooks } from './hooks/index.ts';
import { type InstallRecord, openInstallJournal, withoutRun } from './state/install-journal.ts';
import { relaunchAfterExit } from './launch/relaunch.ts';
import { identifyMachine } from './state/machine-identity.ts';
import { recover } from './transaction/recover.ts';
import { withDiskErrors } from './support/disk-errors.ts';
import type { InstallContext } from './context.ts';
import { dropWatchdogReport } from './state/watchdog-report.ts';
import { installTransaction } from './transaction/install-transaction.ts';
import { deltaSeeds } from './location/delta-seeds.ts';

const defaultLimits: FirstStartLimits = { failures: 2, loadMs: 30_000, hangMs: 30_000, watchMs: 120_000 };

/** The watchdog counts ticks, which take longer on a busy machine. The heartbeat therefore lasts twice as long. */
function rhythmOf({ hangMs, watchMs }: FirstStartLimits): Rhythm {
  return { everyMs: Math.min(1000, hangMs / 4), forMs: 2 * watchMs };
}

export interface InstallerOptions extends HookContext {
  readonly trust: ReleaseVerifier;
  readonly staging: StagingArea;
  readonly assertWanted: AssertWanted;
  readonly limits?: Partial<FirstStartLimits>;
  /** @defaultValue a shell that waits for the end of this process */
  readonly start?: StartAfterEnd;
}

/** Creates the installer for the kind of this installation. It journals each step, so that the next start can recover. */
export async function createInstaller(options: InstallerOptions): Promise<Installer> {
  const choice = chooseHook(options.facts, await packageType(options.facts.resourcesPath));
  if (choice.kind !== undefined) return openInstaller(options, hooks[choice.kind](options));
  const { explanation, reason } = choice;
  return refusingInstaller({ ok: false, state: 'disabled', explanation, reason });
}

async function openInstaller(options: InstallerOptions, hook: InstallHook): Promise<Installer> {
  const { directory, clock, logger, facts } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const context: InstallContext = {
    ...options,
    hook,
    journal: openInstallJournal(directory, logger),
    failedVersions: openFailedVersions(directory, logger),
    heartbeat: createHeartbeat(directory, rhythmOf(limits), clock, logger),
    machine: await identifyMachine(clock.now()),
    limits,
    start: options.start ?? startAfterEnd,
  };
  const { journal, failedVersions: memory, heartbeat } = context;

  /** The id of the install that this process must confirm. Also set if the journal could not be written. */
  let own: string | undefined;
  const claim = (record: InstallRecord): void => void (own = record.id);

  /** The record of the install, if this process must confirm it. */
  async function ownRecord(): Promise<InstallRecord | undefined> {
    const record = await journal.read();
    return record?.id === own ? record : undefined;
  }

  return {
    kind: hook.kind,
    canInstall: () => hook.canInstall(),
    recover: () => recover(context, claim),
    launch: (launch) => relaunchAfterExit(context, launch),

    async install(staged, relaunch) {
      if (hook.kind !== staged.kind) throw unsupported();
      await withDiskErrors(() => mkdir(directory, { recursive: true, mode: 0o700 }));
      return installTransaction(context, staged, relaunch);
    },

    async confirmHealthy() {
      const record = await ownRecord();
      if (record === undefined) return;
      // The journal goes first: it tells the watchdog to stop. After a crash, the next start removes the rest.
      await journal.clear();
      heartbeat.stop();
      await dropWatchdogReport(directory);
      await memory.noteConfirmed(facts.version, record.to.dataVersion);
      await hook.cleanup();
    },

    async pointOfNoReturn() {
      const record = await ownRecord();
      if (record !== undefined) await withDiskErrors(() => journal.write({ ...record, pastReturn: true }));
    },

    async noteQuit() {
      heartbeat.stop();
      try {
        const record = await ownRecord();
        if (record !== undefined) await journal.write(withoutRun(record));
      } catch (error) {
        logger.warn(`install: this quit may count as a failure: ${textOf(error)}`);
      }
    },

    seeds: () => deltaSeeds(facts, directory, hook),
    quarantined: () => memory.quarantined(),
  };
}

/** The installer of an installation that cannot be updated. */
function refusingInstaller(verdict: InstallVerdict): Installer {
  return {
    kind: undefined,
    canInstall: () => Promise.resolve(verdict),
    recover: () => Promise.resolve({ type: 'nothing' }),
    install: () => Promise.reject(unsupported()),
    launch: () => Promise.reject(unsupported()),
    confirmHealthy: () => Promise.resolve(),
    pointOfNoReturn: () => Promise.resolve(),
    noteQuit: () => Promise.resolve(),
    seeds: () => Promise.resolve([]),
    quarantined: () => Promise.resolve([]),
  };
}

function unsupported(): UpdateError {
  return new UpdateError('INSTALL_UNSUPPORTED', 'This installation cannot install the staged update.');
}

async function packageType(resourcesPath: string): Promise<string | undefined> {
  try {
    return await readFile(join(resourcesPath, 'package-type'), 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw new UpdateError('INSTALL_UNSUPPORTED', `package-type cannot be read: ${textOf(error)}.`, { cause: error });
  }
}
