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
 * Updates an app that a package manager installed. The app hands the staged artifact and the signed metadata to the root
 * helper that its package installed. The helper verifies everything itself and lets the package manager install its own
 * copy. The package manager's transaction makes it safe to interrupt the install.
 */
export function createNativePackageHook(context: HookContext, { kind, goBack }: NativePackageKind): InstallHook {
  const { facts, directory, spawn, logger } = context;
  const isRoot = process.geteuid?.() === 0;
  const update = join(facts.resourcesPath, 'update');
  const launcher = join(update, nativeFiles.launcher);
  const env = childEnvironment(facts);
  /** The last hand-over, and whether an error message told a person to run the root helper with it. */
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
      logger.info(`install: the package manager installed ${job.staged.version}`);
      return { launch: launchOf(job), handedOver: false };
    },

    /** Keeps a hand-over that a person may still use. It is removed together with the staged update. */
    async cleanup() {
      if (last?.offered === false) await rm(last.directory, { recursive: true, force: true });
    },

    /** Going back needs root, and the root helper installs only what a publisher signed. A person must decide. */
    restore: () => Promise.resolve(false),
    wayBack,
    async seeds() {
      const kept = await appId().then(
        (app) => largeFiles(keptPackages(app)),
        // Without a readable configuration there is no app id, and so no kept package.
        () => [],
      );
      return [...kept, ...(await largeFiles(dirname(facts.resourcesPath)))];
    },
  };

  async function appId(): Promise<string> {
    return parseUpdateConfig(parseJsonText(await readFile(join(update, 'update.json'), 'utf8'))).app;
  }

  /** In the directory of the staged artifact, so that both are removed together. */
  function handOverOf({ staged }: InstallJob): string {
    return join(dirname(staged.path), 'hand-over');
  }

  function launchOf({ relaunch }: InstallJob): InstallOutcome['launch'] {
    return relaunch === undefined ? undefined : { execPath: facts.execPath, args: relaunch, env };
  }

  /** The root helper keeps the packages that it installed. */
  async function wayBack(version: string): Promise<string | undefined> {
    const kept = join(keptPackages(await appId()), `${version}.${kind}`);
    const [file, ...args] = goBack;
    return (await isFile(kept)) ? manualCommand(file, [...args, kept]) : undefined;
  }
}
