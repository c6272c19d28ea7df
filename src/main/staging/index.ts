import { chmod, lstat, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { syncDirectory, writeAtomic } from '../../files/write-atomic.ts';
import { systemCode, textOf, UpdateError } from '../../shared/errors.ts';
import type { ArtifactKind } from '../../shared/release-index.ts';
import type { Clock, Logger, StagedUpdate, StagingRoom, TrustedRelease } from '../ports.ts';
import { formatStagedRecord, parseStagedRecord } from './staged-record.ts';
import { openVerified } from './verified-file.ts';

export interface StagingRoomOptions {
  /** The private directory of this installation's updates. */
  readonly directory: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Some installers look at their own extension. */
const extensions: Readonly<Record<ArtifactKind, string>> = {
  appimage: 'AppImage',
  deb: 'deb',
  rpm: 'rpm',
  pacman: 'pacman',
  nsis: 'exe',
  'mac-zip': 'zip',
  portable: 'archive',
};

/** Keeps the one verified artifact that waits for installation. */
export function createStagingRoom({ directory, clock, logger }: StagingRoomOptions): StagingRoom {
  const downloads = join(directory, 'downloads');
  const stagedDirectory = join(directory, 'staged');
  const record = join(stagedDirectory, 'staged.json');

  async function current(): Promise<StagedUpdate | undefined> {
    try {
      const staged = parseStagedRecord(await readFile(record, 'utf8'));
      // Our own naming only: a record that points elsewhere was not written by us.
      return staged !== undefined && dirname(staged.path) === stagedDirectory ? staged : undefined;
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') logger.warn(`staging: staged.json can not be read: ${textOf(error)}`);
      return undefined;
    }
  }

  return {
    current,

    async slot(trusted) {
      await onDisk(async () => {
        await makePrivate(directory);
        await makePrivate(downloads);
      });
      return join(downloads, fileName(trusted));
    },

    async stage(file, trusted) {
      await onDisk(() => makePrivate(stagedDirectory));
      const path = join(stagedDirectory, fileName(trusted));
      const verified = await openVerified(file.path, trusted.target);
      await verified.close();
      const staged: StagedUpdate = {
        query: trusted.query,
        version: trusted.release.version,
        kind: trusted.artifact.kind,
        path,
        stagedAt: new Date(clock.now()).toISOString(),
      };
      await onDisk(async () => {
        await rename(file.path, path);
        await syncDirectory(stagedDirectory);
        await writeAtomic(record, formatStagedRecord(staged));
      });
      await removeOthers(stagedDirectory, [basename(path), basename(record)]);
      return staged;
    },

    async open(staged, target) {
      const now = await current();
      if (now?.path !== staged.path)
        throw new UpdateError('STAGE_NOTHING', 'No update is staged. Check for updates again.');
      return openVerified(staged.path, target);
    },

    async discard() {
      await rm(record, { force: true });
      await removeOthers(stagedDirectory, []);
    },

    async cleanup() {
      const staged = await current();
      await removeOthers(stagedDirectory, staged === undefined ? [] : [basename(staged.path), basename(record)]);
    },
  };
}

/** Content-addressed: an interrupted download is found again, and no name comes from outside. */
function fileName(trusted: TrustedRelease): string {
  const hash = trusted.target.hashes.sha256 ?? trusted.target.hashes.sha512 ?? '';
  return `${hash.slice(0, 32)}.${extensions[trusted.artifact.kind]}`;
}

/**
 * A directory that was there before may be open to others: it is closed, and what they left in it is verified at use.
 * @throws UpdateError `STAGE_DISK` when something that is not our directory stands in its place
 */
async function makePrivate(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  const stats = await lstat(path);
  const foreign = process.getuid !== undefined && stats.uid !== process.getuid();
  if (stats.isDirectory() && !foreign && (stats.mode & 0o077) !== 0) await chmod(path, 0o700);
  if (!stats.isDirectory() || foreign) {
    throw new UpdateError('STAGE_DISK', `${path} does not belong to this user. Remove it and check for updates again.`);
  }
}

async function removeOthers(directory: string, keep: readonly string[]): Promise<void> {
  const names = await readdir(directory).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  });
  await Promise.all(
    names
      .filter((name) => !keep.includes(name))
      .map((name) => rm(join(directory, name), { recursive: true, force: true })),
  );
}

async function onDisk<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UpdateError) throw error;
    const full = ['ENOSPC', 'EDQUOT'].includes(systemCode(error) ?? '');
    const words = full
      ? 'There is not enough disk space for the update. Free some and try again.'
      : `The update can not be kept: ${textOf(error)}.`;
    throw new UpdateError(full ? 'STAGE_DISK_FULL' : 'STAGE_DISK', words, { cause: error });
  }
}
