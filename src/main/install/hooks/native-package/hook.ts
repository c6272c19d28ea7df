import { readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { parseJsonText } from '../../../../shared/json-text.ts';
import { keptPackages, nativeFiles } from '../../../../shared/native-package.ts';
import { parseUpdateConfig } from '../../../../shared/update-config.ts';
import type { InstallHook, InstallJob, InstallOutcome } from '../../../ports.ts';
import { childEnvironment } from '../../support/child-environment.ts';
import type { HookContext } from '../../hook-context.ts';
import { isFile } from '../../../../files/is-file.ts';
import { largeFiles } from '../../location/delta-seeds.ts';
import type { NativePackageKind } from './kinds.ts';
import { manualCommand } from './manual-command.ts';
import { installAsRoot } from './run-as-root.ts';
import { writeHandOver } from './hand-over.ts';
import { checkPackageLocation } from './package-location.ts';

/**
 * Updates an app that a package manager installed. The app itself changes nothing: it hands the staged artifact and the
 * signed metadata to the helper that its package installed, which runs as root, verifies all of it by itself and lets
 * the package manager install its own copy. The package manager's transaction is what makes it safe to interrupt.
 */
export function createNativePackageHook(context: HookContext, { kind, goBack }: NativePackageKind): InstallHook {
  const { facts, directory, spawn, logger } = context;
  const isRoot = process.geteuid?.() === 0;
  const update = join(facts.resourcesPath, 'update');
  const launcher = join(update, nativeFiles.launcher);
  const env = childEnvironment(facts);
  /** What was handed over last, and whether a person was told to run the root side by hand with it. */
  let last: { readonly directory: string; readonly offered: boolean } | undefined;

  return {
    kind,
    canInstall: () => checkPackageLocation({ execPath: facts.execPath, launcher, isRoot }),

    async prepare(job) {
      last = { directory: handOverOf(job), offered: false };
      await writeHandOver(handOverOf(job), join(directory, 'trust'), job);
    },

    async commit(job): Promise<InstallOutcome> {
      last = { directory: handOverOf(job), offered: true };
      await installAsRoot(spawn, { launcher, directory: last.directory, isRoot, env });
      last = { ...last, offered: false };
      logger.info(`install: ${job.staged.version} was installed by the package manager`);
      return { launch: launchOf(job), handedOver: false };
    },

    /** What a person may still run by hand stays; it goes with the staged update. */
    async cleanup() {
      if (last?.offered === false) await rm(last.directory, { recursive: true, force: true });
    },

    /** Going back needs root, and root goes back only where a publisher signed it: a person decides. */
    restore: () => Promise.resolve(false),
    wayBack,
    async seeds() {
      const kept = await appId().then(
        (app) => largeFiles(keptPackages(app)),
        // Whoever cannot say which app this is has no packages of it.
        () => [],
      );
      return [...kept, ...(await largeFiles(dirname(facts.resourcesPath)))];
    },
  };

  async function appId(): Promise<string> {
    return parseUpdateConfig(parseJsonText(await readFile(join(update, 'update.json'), 'utf8'))).app;
  }

  /** Beside the staged artifact: it is dropped together with it. */
  function handOverOf({ staged }: InstallJob): string {
    return join(dirname(staged.path), 'hand-over');
  }

  function launchOf({ relaunch }: InstallJob): InstallOutcome['launch'] {
    return relaunch === undefined ? undefined : { execPath: facts.execPath, args: relaunch, env };
  }

  /** The package of that version is there if the root side installed it. */
  async function wayBack(version: string): Promise<string | undefined> {
    const kept = join(keptPackages(await appId()), `${version}.${kind}`);
    const [file, ...args] = goBack;
    return (await isFile(kept)) ? manualCommand(file, [...args, kept]) : undefined;
  }
}
