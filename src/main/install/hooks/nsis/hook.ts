import { mkdir, open, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { systemCode, textOf, UpdateError } from '../../../../shared/errors.ts';
import type { AppFacts, InstallHook, InstallJob, InstallVerdict } from '../../../ports.ts';
import type { HookContext } from '../../hook-context.ts';
import { checkAuthenticode } from './authenticode.ts';
import { isFile } from '../../../../files/is-file.ts';
import { installerArguments } from './command-line.ts';
import { startElevated } from './elevation.ts';

/**
 * Starts the NSIS installer that electron-builder made, from a private copy that is hashed while it is written. The
 * installer waits until the app has ended, replaces it, and starts it again on request. Only a per-machine installation
 * asks Windows for elevation.
 */
export function createNsisHook(context: HookContext): InstallHook {
  const { facts, directory, spawn, logger, windowsPublishers } = context;
  const handover = join(directory, 'installer');
  const home = dirname(facts.execPath);
  /** An error message told a person to run the installer, so it stays until another update is prepared. */
  let isOffered = false;

  return {
    kind: 'nsis',
    canInstall: () => Promise.resolve(checkNsisLocation(facts)),

    async prepare(job) {
      isOffered = false;
      await rm(handover, { recursive: true, force: true });
      await mkdir(handover, { recursive: true, mode: 0o700 });
      const installer = installerPath(handover, job);
      await job.file.copyTo(installer, 0o700);
      if (windowsPublishers.length > 0) await checkAuthenticode(spawn, facts, installer, windowsPublishers);
    },

    async commit(job) {
      const path = installerPath(handover, job);
      const args = installerArguments({ silent: true, start: job.relaunch !== undefined, directory: home });
      const isHomeWritable = await isWritable(home);
      if (isHomeWritable) {
        const needsElevation = await startPlain(path, args);
        if (!needsElevation) return handedOver;
        logger.info('install: Windows asks for an administrator to run this installer');
      }
      const sha256 = job.trusted.artifact.sha256;
      if (await startElevated(spawn, facts, { path, sha256, args, isHomeWritable })) return handedOver;
      isOffered = true;
      throw new UpdateError(
        'INSTALL_ELEVATION_REFUSED',
        'This app is installed for all users, and the permission of an administrator was not given. Try again, or let an administrator run the installer.',
        { remedyCommand: `"${path}"` },
      );
    },

    async cleanup() {
      if (!isOffered) await rm(handover, { recursive: true, force: true });
    },

    /** The installer replaces the whole app. A person can go back with the previous version's installer. */
    restore: () => Promise.resolve(false),

    retires: true,
    async wayBack(version) {
      const installer = join(directory, 'previous', `${version}.exe`);
      return (await isFile(installer)) ? `"${installer}"` : undefined;
    },
  };

  /** Resolves `true` if the installer's manifest requires an administrator. */
  async function startPlain(path: string, args: readonly string[]): Promise<boolean> {
    try {
      await spawn.detach(path, args, { verbatimArguments: true });
      return false;
    } catch (error) {
      // Node reports ERROR_ELEVATION_REQUIRED as one of these.
      if (['EACCES', 'UNKNOWN'].includes(systemCode(error) ?? '')) return true;
      throw new UpdateError(
        'INSTALL_FAILED',
        `The installer could not be started: ${textOf(error)}. The installed app is unchanged. Try again.`,
        { cause: error },
      );
    }
  }
}

/** The installer finishes after this process has ended. It starts the app itself. */
const handedOver = { launch: undefined, handedOver: true } as const;

function installerPath(handover: string, { trusted }: InstallJob): string {
  return join(handover, basename(trusted.artifact.path));
}

function checkNsisLocation({ execPath }: AppFacts): InstallVerdict {
  if (!execPath.startsWith('\\\\')) return { ok: true };
  return {
    ok: false,
    state: 'needs-attention',
    explanation: { reason: 'network-folder', remedy: 'install-locally', params: {} },
  };
}

/** Tries to create a file, because only that shows whether Windows lets this process write to a folder. */
async function isWritable(directory: string): Promise<boolean> {
  const probe = join(directory, `.update-${process.pid}`);
  try {
    await (await open(probe, 'wx', 0o600)).close();
  } catch (error) {
    if (['EACCES', 'EPERM', 'EROFS'].includes(systemCode(error) ?? '')) return false;
    throw new UpdateError('INSTALL_FAILED', `The app's folder cannot be used: ${textOf(error)}.`, { cause: error });
  }
  await rm(probe, { force: true });
  return true;
}
