import { stat } from 'node:fs/promises';

import type { AppFacts, InstallHook, Launch } from '../../ports.ts';
import { clear, swapPaths, removeSwapFiles, swapBack, swapIn } from '../location/swap-paths.ts';
import { childEnvironment } from '../support/child-environment.ts';
import { hashFile } from '../../../files/hash-file.ts';
import { installPath } from '../location/install-path.ts';
import { checkUserLocation } from '../location/user-location.ts';

/** Variables that the AppImage runtime sets. A relaunched app must get its own values. */
const runtimeVariables = new Set(['APPDIR', 'APPIMAGE', 'ARGV0', 'OWD', 'LD_LIBRARY_PATH', 'LD_PRELOAD']);

/**
 * Replaces an AppImage. The new file is written completely into the same directory and synced, then renamed over the
 * old one, so that the path always holds a working app. The old file stays as a hard link until the new version was
 * confirmed. The file name does not change, so desktop entries stay valid.
 */
export function createAppImageHook(facts: AppFacts): InstallHook {
  const live = installPath(facts);
  const paths = swapPaths(live);
  const launch = (args: readonly string[]): Launch => ({
    execPath: live,
    args,
    env: childEnvironment(facts, runtimeVariables),
  });

  return {
    kind: 'appimage',
    installed: {
      path: live,
      previous: paths.previous,
      current: () => hashFile(live),
      after: ({ trusted }) => trusted.artifact.sha256,
      launch,
    },
    canInstall: () => checkUserLocation({ path: live, kind: 'appimage', move: live }),

    async prepare(job) {
      await clear(paths.staged);
      await job.file.copyTo(paths.staged, await modeOf(live));
    },

    async commit(job) {
      await swapIn(paths);
      return { launch: job.relaunch === undefined ? undefined : launch(job.relaunch), handedOver: false };
    },

    seeds: () => Promise.resolve([live, paths.previous]),
    cleanup: () => removeSwapFiles(paths),
    restore: () => swapBack(paths),
  };
}

/** Keeps the mode of the installed file, and makes sure that its owner can read and execute it. */
async function modeOf(path: string): Promise<number> {
  return ((await stat(path)).mode & 0o777) | 0o500;
}
