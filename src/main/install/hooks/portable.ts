import { basename, dirname, join } from 'node:path';

import { plainFs } from '../../../files/plain-fs.ts';
import { syncDirectory } from '../../../files/write-atomic.ts';
import { systemCode, UpdateError } from '../../../shared/errors.ts';
import type { InstallHook, InstallJob, InstallVerdict, Launch } from '../../ports.ts';
import { unpack } from '../archive/unpack.ts';
import { swapPaths, removeSwapFiles, swapBack, swapIn } from '../location/swap-paths.ts';
import { childEnvironment } from '../support/child-environment.ts';
import { hashFile } from '../../../files/hash-file.ts';
import type { HookContext } from '../hook-context.ts';
import { portableEntry, versionsSuffix } from '../location/install-path.ts';
import { checkUserLocation } from '../location/user-location.ts';
import { isInUse } from '../location/in-use.ts';

/** The directory for unpacking. It gets the name of its version once it is complete and synced. */
const unpacking = 'unpacking';

/**
 * Updates a directory that was unpacked from a `.tar.gz` or `.zip`. Each new version has its own directory, such as
 * `notes.versions/1.1.0/`. The executable `notes` becomes a link into one of them, and a rename of that link switches
 * the version. Running processes keep their files. The files that the user unpacked first stay unchanged.
 */
export function createPortableHook({ facts }: Pick<HookContext, 'facts'>): InstallHook {
  const entry = portableEntry(facts.execPath);
  const name = basename(entry);
  const paths = swapPaths(entry);
  const versions = `${entry}${versionsSuffix}`;
  const linkTo = (version: string): string => join(`${name}${versionsSuffix}`, version, name);
  const launch = (args: readonly string[]): Launch => ({ execPath: entry, args, env: childEnvironment(facts) });

  async function prepare({ trusted, file }: InstallJob): Promise<void> {
    await removeUnused();
    await makeVersions();
    const work = join(versions, unpacking);
    try {
      await unpack(file, work);
      const top = await findTop(work, name);
      await plainFs.rm(join(versions, trusted.release.version), { recursive: true, force: true });
      await plainFs.rename(top, join(versions, trusted.release.version));
      await plainFs.rm(work, { recursive: true, force: true });
      await syncDirectory(versions);
      await syncDirectory(dirname(entry));
      await plainFs.symlink(linkTo(trusted.release.version), paths.staged);
    } catch (error) {
      await plainFs.rm(work, { recursive: true, force: true });
      throw error;
    }
  }

  /** Never uses another user's directory, because its owner could put any program into it. */
  async function makeVersions(): Promise<void> {
    try {
      await plainFs.mkdir(versions, {
        mode: versionsMode(await plainFs.stat(dirname(entry)), await plainFs.stat(entry)),
      });
    } catch (error) {
      if (systemCode(error) !== 'EEXIST') throw error;
      await assertOwn(versions);
    }
  }

  /** Removes every version except the installed one and those that are running. */
  async function removeUnused(): Promise<void> {
    await assertOwn(versions);
    await removeSwapFiles(paths);
    const current = await linkOf(entry);
    for (const version of await namesIn(versions)) {
      const path = join(versions, version);
      if (current === linkTo(version) || (await isInUse(path))) continue;
      await plainFs.rm(path, { recursive: true, force: true });
    }
    await removeEmpty(versions);
  }

  return {
    kind: 'portable',
    retires: true,
    installed: {
      path: entry,
      previous: paths.previous,
      async current() {
        const target = await linkOf(entry);
        return target === undefined ? `file ${await hashFile(entry)}` : `link ${target}`;
      },
      after: ({ trusted }) => `link ${linkTo(trusted.release.version)}`,
      launch,
    },
    canInstall: () => canInstall(facts.platform, entry),
    prepare,
    async commit(job) {
      await swapIn(paths);
      return { launch: job.relaunch === undefined ? undefined : launch(job.relaunch), handedOver: false };
    },
    cleanup: removeUnused,
    async restore() {
      const target = await linkOf(paths.previous);
      if (target !== undefined && !(await exists(join(dirname(entry), target)))) return false;
      return swapBack(paths);
    },
  };
}

/**
 * The mode of the directory for versions: no other user writes there, and whoever could not enter the app's folder or read
 * its executable cannot enter the new versions. Pure.
 */
function versionsMode(folder: { readonly mode: number }, executable: { readonly mode: number }): number {
  const [group, others] = [0o070, 0o007].map((bits) => ((executable.mode & bits) === 0 ? bits : 0));
  return (folder.mode & 0o755 & ~(group ?? 0) & ~(others ?? 0)) | 0o700;
}

/** @throws UpdateError `INSTALL_VERIFY` if the path exists and is not a directory that only this user can change */
async function assertOwn(directory: string): Promise<void> {
  const facts = await plainFs.lstat(directory).catch((error: unknown) => {
    if (systemCode(error) !== 'ENOENT') throw error;
  });
  if (facts === undefined) return;
  const isOurs = process.getuid === undefined || (facts.uid === process.getuid() && (facts.mode & 0o022) === 0);
  if (facts.isDirectory() && isOurs) return;
  throw new UpdateError(
    'INSTALL_VERIFY',
    `Nothing was installed: other users can change ${directory}. Remove it, or move the app to a folder of your own.`,
  );
}

async function canInstall(platform: NodeJS.Platform, entry: string): Promise<InstallVerdict> {
  if (platform !== 'linux') {
    return {
      ok: false,
      state: 'disabled',
      explanation: { reason: 'unsupported', remedy: 'install-by-hand', params: {} },
    };
  }
  return checkUserLocation({ path: entry, kind: 'portable', move: dirname(entry) });
}

/**
 * Finds the directory of an unpacked archive that holds the executable: its root, or the only directory in the root.
 * @throws UpdateError `INSTALL_FAILED`
 */
async function findTop(root: string, name: string): Promise<string> {
  const [only, ...others] = await namesIn(root);
  const candidates = only !== undefined && others.length === 0 ? [root, join(root, only)] : [root];
  for (const top of candidates) {
    // Follows no link, because the executable must come from the archive.
    const directory = await plainFs.lstat(top);
    const stats = directory.isDirectory() ? await plainFs.lstat(join(top, name)).catch(() => undefined) : undefined;
    if (stats?.isFile() === true && (stats.mode & 0o100) !== 0) return top;
  }
  throw new UpdateError(
    'INSTALL_FAILED',
    `The archive holds no program "${name}", which starts this app. Nothing was changed.`,
  );
}

async function linkOf(path: string): Promise<string | undefined> {
  try {
    return await plainFs.readlink(path);
  } catch (error) {
    if (['EINVAL', 'ENOENT'].includes(systemCode(error) ?? '')) return undefined;
    throw error;
  }
}

async function namesIn(path: string): Promise<readonly string[]> {
  try {
    return await plainFs.readdir(path);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  }
}

async function removeEmpty(path: string): Promise<void> {
  try {
    await plainFs.rmdir(path);
  } catch (error) {
    if (!['ENOENT', 'ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(systemCode(error) ?? '')) throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  return (await plainFs.lstat(path).catch(() => undefined)) !== undefined;
}
