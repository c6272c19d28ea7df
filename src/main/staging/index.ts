import { lstat, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { acquireLock, type LockOptions } from '../../files/lock.ts';
import { syncDirectory, writeAtomic } from '../../files/write-atomic.ts';
import { isDiskFull, systemCode, textOf, UpdateError } from '../../shared/errors.ts';
import type { ArtifactKind } from '../../shared/release-index.ts';
import type { Clock, Logger, StagedUpdate, StagingArea, TrustedRelease } from '../ports.ts';
import { makePrivate, namesIn } from './private-directory.ts';
import { formatStagedRecord, parseStagedRecord } from './staged-record.ts';
import { sweep } from './sweep.ts';
import { openVerified } from './verified-file.ts';

export interface StagingAreaOptions {
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

/**
 * Keeps the one verified artifact that waits for installation, and what is kept around it: downloads, and the artifacts of
 * installed versions. One process at a time changes something.
 */
export function createStagingArea({ directory, clock, logger }: StagingAreaOptions): StagingArea {
  const downloads = join(directory, 'downloads');
  const stagedDirectory = join(directory, 'staged');
  const previous = join(directory, 'previous');
  const record = join(stagedDirectory, 'staged.json');

  async function readRecord(): Promise<StagedUpdate | undefined> {
    try {
      const staged = parseStagedRecord(await readFile(record, 'utf8'));
      // Our own naming only: a record that points elsewhere was not written by us.
      return staged !== undefined && dirname(staged.path) === stagedDirectory ? staged : undefined;
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') logger.warn(`staging: staged.json cannot be read: ${textOf(error)}`);
      return undefined;
    }
  }

  async function current(): Promise<StagedUpdate | undefined> {
    const staged = await readRecord();
    return staged !== undefined && (await isThere(staged.path)) ? staged : undefined;
  }

  /** @throws UpdateError `STAGE_BUSY` */
  async function alone<T>(work: () => Promise<T>, options: LockOptions = {}): Promise<T> {
    const lock = await acquireLock(join(directory, 'staging.lock'), options);
    if (lock === undefined) throw new UpdateError('STAGE_BUSY', 'Another process is staging an update. Try again.');
    try {
      return await work();
    } finally {
      lock.release();
    }
  }

  /** The record is written before the file is moved: so a crash between the two is seen, and the move is made good. */
  async function moveRecorded(from: string, staged: StagedUpdate): Promise<void> {
    await rename(from, staged.path);
    await syncDirectory(stagedDirectory);
  }

  async function removeAllBut(keep: readonly string[]): Promise<void> {
    const names = (await namesIn(stagedDirectory)).filter((name) => !keep.includes(name));
    await Promise.all(names.map((name) => rm(join(stagedDirectory, name), { recursive: true, force: true })));
  }

  async function cleanup(): Promise<void> {
    const staged = await readRecord();
    if (staged !== undefined && !(await isThere(staged.path))) {
      await moveRecorded(join(downloads, basename(staged.path)), staged).catch((error: unknown) => {
        if (systemCode(error) !== 'ENOENT') throw error;
      });
    }
    const kept = await current();
    const removed = await sweep(directory, { now: clock.now(), staged: kept && basename(kept.path) });
    if (removed > 0) logger.info(`staging: ${removed} left-overs were removed`);
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
      const verified = await openVerified(file.path, trusted.target);
      await verified.close();
      const path = join(stagedDirectory, fileName(trusted));
      const staged: StagedUpdate = {
        query: trusted.query,
        version: trusted.release.version,
        kind: trusted.artifact.kind,
        path,
        stagedAt: new Date(clock.now()).toISOString(),
      };
      await onDisk(async () => {
        await makePrivate(stagedDirectory);
        await alone(async () => {
          await writeAtomic(record, formatStagedRecord(staged));
          await moveRecorded(file.path, staged);
          await removeAllBut([basename(path), basename(record)]);
        });
      });
      return staged;
    },

    async open(staged, target) {
      const now = await current();
      if (now?.path !== staged.path)
        throw new UpdateError('STAGE_NOTHING', 'No update is staged. Check for updates again.');
      return openVerified(staged.path, target);
    },

    async discard() {
      if ((await namesIn(stagedDirectory)).length === 0) return;
      await onDisk(() =>
        alone(async () => {
          // The record first: what a crash leaves then is nobody's.
          await rm(record, { recursive: true, force: true });
          await removeAllBut([]);
        }),
      );
    },

    async retire({ version, kind, path }) {
      await onDisk(async () => {
        await makePrivate(previous);
        await alone(async () => {
          if (!(await isThere(path))) return;
          await rename(path, join(previous, `${version}.${extensions[kind]}`));
          await syncDirectory(previous);
          await removeAllBut([]);
        });
      });
    },

    async cleanup() {
      try {
        // Whoever is at work has no left-overs, and no app waits at its start.
        if ((await namesIn(directory)).length > 0) await alone(cleanup, { waitMs: 0 });
      } catch (error) {
        logger.warn(`staging: left-overs stay until the next start: ${textOf(error)}`);
      }
    },
  };
}

/** Content-addressed: an interrupted download is found again, and no name comes from outside. */
function fileName(trusted: TrustedRelease): string {
  const hash = trusted.target.hashes.sha256 ?? trusted.target.hashes.sha512 ?? '';
  return `${hash.slice(0, 32)}.${extensions[trusted.artifact.kind]}`;
}

async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false;
    throw error;
  }
}

async function onDisk<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UpdateError) throw error;
    const full = isDiskFull(error);
    const words = full
      ? 'There is not enough disk space for the update. Free some and try again.'
      : `The update cannot be kept: ${textOf(error)}.`;
    throw new UpdateError(full ? 'STAGE_DISK_FULL' : 'STAGE_DISK', words, { cause: error });
  }
}
