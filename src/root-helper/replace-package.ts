import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';

import { acquireLock } from '../files/lock.ts';
import { syncDirectory } from '../files/write-atomic.ts';
import type { Logger } from '../main/ports.ts';
import { isDiskFull, textOf, UpdateError } from '../shared/errors.ts';
import { keptPackages, nativeFiles, parseInstalledPackage, rootStateDirectory } from '../shared/native-package.ts';
import { type OwnFiles, readOwnFiles } from './own-files.ts';
import { installCommand, repairCommand, type Command } from './package-manager.ts';
import { type CommandResult, runCommand } from './run-command.ts';
import { type PackageAction, packageActionFor } from './step.ts';
import { openHandOver } from './take-over.ts';
import { verifyHandOver } from './verify.ts';

export interface RootInstallOptions {
  /** The directory that the caller handed over. */
  readonly directory: string;
  /** `resources/update` of the installed app, which contains this program. */
  readonly ownDirectory: string;
  /** The program that runs this one. */
  readonly runtime: string;
  /** The id of the requesting user. */
  readonly caller: number;
  readonly logger: Logger;
}

/**
 * Takes a copy that only root can change, verifies it independently, and has the system's package manager install it.
 * Resolves with the installed version.
 * @throws UpdateError `INSTALL_…`, `TRUST_…`; the installed package is then unchanged, or as the package manager left it
 */
export async function installHandedOver(options: RootInstallOptions): Promise<string> {
  const { app } = readOwnFiles(options.ownDirectory, options.runtime).config;
  const state = prepareState(app);
  const lock = await acquireLock(join(state, 'lock'), { waitMs: 0 });
  if (lock === undefined) {
    throw new UpdateError('INSTALL_FAILED', 'Another update of this app is being installed. Wait until it has ended.');
  }
  try {
    // Read under the lock, because the installed version may have changed before.
    const own = readOwnFiles(options.ownDirectory, options.runtime);
    if (own.config.app !== app) throw changedMeanwhile();
    return await installLocked(options, own, state);
  } catch (error) {
    throw diskFull(error) ?? error;
  } finally {
    rmSync(join(state, 'work'), { recursive: true, force: true });
    lock.release();
  }
}

async function installLocked(options: RootInstallOptions, own: OwnFiles, state: string): Promise<string> {
  const work = join(state, 'work');
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { mode: 0o700 });
  const handOver = openHandOver(options.directory, options.caller);
  try {
    const metadata = join(work, 'trust');
    mkdirSync(metadata, { mode: 0o700 });
    handOver.copyMetadata(metadata);
    const { request } = handOver;
    const memory = join(state, 'trust');
    const trusted = await verifyHandOver({ own, request, metadata, memory, logger: options.logger });
    const path = join(work, `${trusted.release.version}.${own.kind}`);
    handOver.copyArtifact(path, trusted.target);
    const { installed } = readOwnFiles(options.ownDirectory, options.runtime);
    if (installed !== own.installed) throw changedMeanwhile();
    await runManager(own, path, packageActionFor(trusted.release, installed), join(state, 'manager.log'));
    assertInstalled(options.ownDirectory, trusted.release.version);
    await keep(own, path);
    return trusted.release.version;
  } finally {
    handOver.close();
  }
}

async function runManager(own: OwnFiles, path: string, step: PackageAction, log: string): Promise<void> {
  const command = installCommand({ kind: own.kind, path, step }, existsSync);
  if (command === undefined) {
    throw new UpdateError(
      'INSTALL_FAILED',
      `Nothing was installed: this system has no manager for ${own.kind} packages.`,
    );
  }
  let result = await runCommand(command, log);
  const repair = result.code === 0 ? undefined : repairCommand(own.kind, result.output);
  if (repair !== undefined && (await runCommand(repair, log)).code === 0) result = await runCommand(command, log);
  if (result.code !== 0) throw managerFailed(command, result);
}

/** Another version was installed in the meantime. */
function changedMeanwhile(): UpdateError {
  return new UpdateError(
    'INSTALL_FAILED',
    'Nothing was installed: another version of this app was installed meanwhile. Start the app again.',
  );
}

function managerFailed({ file }: Command, { code, output }: CommandResult): UpdateError {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  const said = lines.slice(-4).join(' ').slice(-600);
  return new UpdateError(
    'INSTALL_FAILED',
    `${basename(file)} ended with ${code ?? 'a signal'} and did not install the update: ${said}`,
  );
}

/** Reads the installed version from the package's own file, which is right whatever the package manager reported. */
function assertInstalled(ownDirectory: string, version: string): void {
  const installed = parseInstalledPackage(readFileSync(join(ownDirectory, nativeFiles.installed), 'utf8'));
  if (installed?.version === version) return;
  throw new UpdateError(
    'INSTALL_FAILED',
    `The package manager reported success, but ${installed?.version ?? 'no version'} is installed instead of ${version}.`,
  );
}

/** Keeps this package and the previous one, for a manual rollback. */
async function keep(own: OwnFiles, path: string): Promise<void> {
  const directory = keptPackages(own.config.app);
  chmodSync(path, 0o644);
  renameSync(path, join(directory, basename(path)));
  const names = [basename(path), `${own.installed}.${own.kind}`];
  for (const name of readdirSync(directory)) {
    if (!names.includes(name)) rmSync(join(directory, name), { recursive: true });
  }
  await syncDirectory(directory);
}

/** Creates the helper's own directories. Refuses any that another user owns. @throws UpdateError `INSTALL_VERIFY` */
function prepareState(app: string): string {
  const state = join(rootStateDirectory, app);
  for (const path of [rootStateDirectory, state, keptPackages(app)]) {
    mkdirSync(path, { recursive: true, mode: 0o755 });
    const stats = lstatSync(path);
    if (!stats.isDirectory() || stats.uid !== 0 || (stats.mode & 0o022) !== 0) {
      throw new UpdateError(
        'INSTALL_VERIFY',
        `Nothing was installed: ${path} is not a directory that only root owns. Remove it.`,
      );
    }
  }
  return state;
}

function diskFull(error: unknown): UpdateError | undefined {
  if (!isDiskFull(error)) return undefined;
  return new UpdateError(
    'INSTALL_DISK_FULL',
    `There is not enough disk space in ${rootStateDirectory} to install the update. Free some and try again: ${textOf(error)}.`,
    { cause: error },
  );
}
