import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { omitUndefined } from '../../shared/omit-undefined.ts';
import { acquireLock, type Lock } from '../../files/lock.ts';
import { temporarySuffix } from '../../files/write-atomic.ts';
import { systemCode, UpdateError } from '../../shared/errors.ts';
import type { StartAfterEnd } from '../node/start-after-end.ts';
import type { AssertWanted, FirstStartLimits, InstallHook, StagingArea, ReleaseVerifier } from '../ports.ts';
import type { FailedVersions } from './state/failed-versions.ts';
import type { Heartbeat } from './state/heartbeat.ts';
import type { HookContext } from './hook-context.ts';
import type { InstallJournal, InstallSide } from './state/install-journal.ts';
import type { MachineIdentity } from './state/machine-identity.ts';

/** What the parts of the installer share. */
export interface InstallContext extends HookContext {
  readonly trust: ReleaseVerifier;
  readonly staging: StagingArea;
  readonly assertWanted: AssertWanted;
  readonly hook: InstallHook;
  readonly journal: InstallJournal;
  readonly failedVersions: FailedVersions;
  readonly heartbeat: Heartbeat;
  readonly machine: MachineIdentity;
  readonly limits: FirstStartLimits;
  readonly start: StartAfterEnd;
}

/** Runs `work` while no other process installs or recovers. @throws UpdateError `STAGE_BUSY` */
export async function locked<T>(context: InstallContext, work: () => Promise<T>): Promise<T> {
  const lock = await takeLock(context);
  if (lock === undefined) {
    throw new UpdateError('STAGE_BUSY', 'Another process is installing an update of this app. Try again in a moment.');
  }
  try {
    return await work();
  } finally {
    lock.release();
  }
}

/** Does not wait: another process that holds the lock is doing the same work. */
export async function takeLock({ directory }: InstallContext): Promise<Lock | undefined> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  return acquireLock(join(directory, 'install.lock'), { waitMs: 0 });
}

/** Path and fingerprint of the installed app; `undefined` for hooks that cannot inspect it. */
export async function inspectInstalled(
  hook: InstallHook,
): Promise<{ readonly path: string; readonly mark: string } | undefined> {
  const { installed } = hook;
  return installed === undefined ? undefined : { path: installed.path, mark: await installed.current() };
}

export function sideOf(version: string, mark: string | undefined, dataVersion: number | undefined): InstallSide {
  return {
    version,
    ...omitUndefined({ mark, dataVersion }),
  };
}

/** Restores the previous version and quarantines the failed one. Each step may be repeated after a crash. */
export async function rollBack(
  { hook, journal, failedVersions, logger }: InstallContext,
  reason: string,
): Promise<boolean> {
  const record = await journal.read();
  if (record === undefined) return false;
  await journal.write({ ...record, step: 'rolling-back', reason });
  if (!(await hook.restore())) {
    logger.error('install: there is no previous version to restore');
    await journal.write({ ...record, step: 'stuck', reason });
    return false;
  }
  await failedVersions.quarantine(record.to.version, reason);
  await journal.write({ ...record, step: 'rolled-back', reason });
  return true;
}

/** Removes the installer's temporary files that a crash left. Those of other modules may still be in use. */
export async function removeTemporaries({ directory }: InstallContext): Promise<void> {
  const names = await readdir(directory).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  });
  const ours = /^\.(journal|failures)\.json\./;
  const left = names.filter((name) => ours.test(name) && name.endsWith(temporarySuffix));
  await Promise.all(left.map((name) => rm(join(directory, name), { force: true })));
}
