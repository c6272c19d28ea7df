import { constants } from 'node:fs';
import { access, copyFile, link, lstat, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { syncDirectory } from '../../files/write-atomic.ts';
import { systemCode, textOf, UpdateError } from '../../shared/errors.ts';
import type { AppFacts, InstallHook, InstallJob, InstallVerdict } from '../ports.ts';

/** What the AppImage runtime sets for the app; a relaunched app must get its own. */
const runtimeVariables = new Set(['APPDIR', 'APPIMAGE', 'ARGV0', 'OWD', 'LD_LIBRARY_PATH', 'LD_PRELOAD']);

/** The files of one AppImage update, all in the directory of the AppImage, so that renames stay atomic. */
export function appImagePaths(live: string): {
  readonly live: string;
  readonly fresh: string;
  readonly previous: string;
} {
  const beside = (suffix: string): string => join(dirname(live), `.${basename(live)}.${suffix}`);
  return { live, fresh: beside('new'), previous: beside('previous') };
}

/**
 * Replaces an AppImage: the new file is complete and synced beside the old one before a rename puts it in its place, so
 * the path is never without a working app. The old one stays, as a hard link, until the new one was confirmed. The
 * file's name does not change: desktop entries live on.
 */
export function createAppImageHook(facts: AppFacts): InstallHook {
  const { live, fresh, previous } = appImagePaths(facts.env['APPIMAGE'] ?? '');

  return {
    kind: 'appimage',
    canInstall: () => canReplace(live),

    async prepare(job) {
      await onDisk(async () => {
        await rm(fresh, { force: true });
        await job.file.copyTo(fresh, 0o755);
      });
    },

    async commit(job) {
      await onDisk(async () => {
        await keepPrevious(live, previous);
        await rename(fresh, live);
        await syncDirectory(dirname(live));
      });
      return { launch: launchOf(live, facts, job), handedOver: false };
    },

    seeds: () => Promise.resolve([live, previous]),

    async cleanup() {
      await rm(fresh, { force: true });
      await rm(previous, { force: true });
    },

    async restore() {
      try {
        await rename(previous, live);
      } catch (error) {
        if (systemCode(error) === 'ENOENT') return false;
        throw error;
      }
      await syncDirectory(dirname(live));
      return true;
    },
  };
}

async function canReplace(live: string): Promise<InstallVerdict> {
  try {
    const stats = await lstat(live);
    if (!stats.isFile())
      return refuse(`${live} is not a regular file.`, 'Start the AppImage itself, not a link to it.');
    await access(live, constants.W_OK);
    await access(dirname(live), constants.W_OK);
    return { ok: true };
  } catch (error) {
    return refuse(
      `${live} can not be replaced: ${textOf(error)}.`,
      'Move the AppImage to a folder of your own, such as ~/Applications.',
    );
  }
}

function refuse(what: string, how: string): InstallVerdict {
  return { ok: false, state: 'needs-attention', what, how };
}

/** A hard link costs nothing; file systems without links get a synced copy. */
async function keepPrevious(live: string, previous: string): Promise<void> {
  await rm(previous, { force: true });
  try {
    await link(live, previous);
  } catch (error) {
    if (!['EPERM', 'ENOTSUP', 'ENOSYS', 'EMLINK', 'EACCES'].includes(systemCode(error) ?? '')) throw error;
    await copyFile(live, previous, constants.COPYFILE_FICLONE);
    const copy = await open(previous, 'r+');
    try {
      await copy.sync();
    } finally {
      await copy.close();
    }
  }
}

function launchOf(
  live: string,
  facts: AppFacts,
  job: InstallJob,
): { execPath: string; args: readonly string[]; env: Record<string, string> } | undefined {
  if (job.relaunch === undefined) return undefined;
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(facts.env)) {
    if (value !== undefined && !runtimeVariables.has(name)) env[name] = value;
  }
  return { execPath: live, args: job.relaunch, env };
}

async function onDisk(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof UpdateError) throw error;
    const code = systemCode(error) ?? '';
    if (['ENOSPC', 'EDQUOT'].includes(code)) {
      throw new UpdateError(
        'INSTALL_DISK_FULL',
        'There is not enough disk space to install the update. Free some and try again.',
        { cause: error },
      );
    }
    if (['EROFS', 'EACCES', 'EPERM'].includes(code)) {
      throw new UpdateError(
        'INSTALL_READ_ONLY',
        'The AppImage can not be replaced where it is. Move it to a folder of your own.',
        { cause: error },
      );
    }
    throw new UpdateError(
      'INSTALL_FAILED',
      `The update could not be installed: ${textOf(error)}. The installed app is unchanged.`,
      { cause: error },
    );
  }
}
