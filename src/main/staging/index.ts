import { lstat, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { JsonStore } from '../../files/json-store.ts';
import { acquireLock, type LockOptions } from '../../files/lock.ts';
import { syncDirectory } from '../../files/write-atomic.ts';
import { artifactKindFacts } from '../../shared/artifact-kinds.ts';
import { isDiskFull, systemCode, textOf, UpdateError } from '../../shared/errors.ts';
import type { TrustedTarget } from '../../shared/trusted-target.ts';
import type {
  Clock,
  DownloadedFile,
  Logger,
  StagedUpdate,
  StagingArea,
  TrustedRelease,
  VerifiedFile,
} from '../ports.ts';
import { makePrivate, namesIn } from './private-directory.ts';
import { stagedRecordPath } from './record-path.ts';
import { stagedRecordSchema } from './staged-record.ts';
import { sweep } from './sweep.ts';
import { openVerified } from './verified-file.ts';

export interface StagingAreaOptions {
  /** The private directory that holds this installation's updates. */
  readonly directory: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Stores the one verified artifact that waits for installation, downloads in progress, and the artifacts of installed
 * versions. A lock ensures that one process at a time makes changes.
 */
export class StagingDirectory implements StagingArea {
  readonly #directory: string;
  readonly #downloads: string;
  readonly #staged: string;
  readonly #previous: string;
  readonly #record: string;
  readonly #store: JsonStore<StagedUpdate | undefined>;
  readonly #clock: Clock;
  readonly #logger: Logger;

  constructor({ directory, clock, logger }: StagingAreaOptions) {
    this.#directory = directory;
    this.#downloads = join(directory, 'downloads');
    this.#staged = join(directory, 'staged');
    this.#previous = join(directory, 'previous');
    this.#record = stagedRecordPath(directory);
    this.#store = new JsonStore<StagedUpdate | undefined>({
      path: this.#record,
      schema: stagedRecordSchema,
      empty: undefined,
      logger,
    });
    this.#clock = clock;
    this.#logger = logger;
  }

  async slot(trusted: TrustedRelease): Promise<string> {
    await withStagingErrors(async () => {
      await makePrivate(this.#directory);
      await makePrivate(this.#downloads);
    });
    return join(this.#downloads, fileName(trusted));
  }

  async stage(file: DownloadedFile, trusted: TrustedRelease): Promise<StagedUpdate> {
    const verified = await openVerified(file.path, trusted.target);
    await verified.close();
    const path = join(this.#staged, fileName(trusted));
    const staged: StagedUpdate = {
      query: trusted.query,
      version: trusted.release.version,
      kind: trusted.artifact.kind,
      path,
      stagedAt: new Date(this.#clock.now()).toISOString(),
    };
    await withStagingErrors(async () => {
      await makePrivate(this.#staged);
      await this.#locked(async () => {
        await this.#store.save(staged);
        await this.#moveRecorded(file.path, staged);
        await this.#removeAllBut([basename(path), basename(this.#record)]);
      });
    });
    return staged;
  }

  async current(): Promise<StagedUpdate | undefined> {
    const staged = await this.#readRecord();
    return staged !== undefined && (await exists(staged.path)) ? staged : undefined;
  }

  async open(staged: StagedUpdate, target: TrustedTarget): Promise<VerifiedFile> {
    const now = await this.current();
    if (now?.path !== staged.path)
      throw new UpdateError('STAGE_NOTHING', 'No update is staged. Check for updates again.');
    return openVerified(staged.path, target);
  }

  async discard(): Promise<void> {
    if ((await namesIn(this.#staged)).length === 0) return;
    await withStagingErrors(() =>
      this.#locked(async () => {
        // The record goes first. After a crash, the next sweep removes the files that no record names.
        await rm(this.#record, { recursive: true, force: true });
        await this.#removeAllBut([]);
      }),
    );
  }

  async retire({ version, kind, path }: StagedUpdate): Promise<void> {
    await withStagingErrors(async () => {
      await makePrivate(this.#previous);
      await this.#locked(async () => {
        if (!(await exists(path))) return;
        await rename(path, join(this.#previous, `${version}.${artifactKindFacts[kind].stagedExtension}`));
        await syncDirectory(this.#previous);
        await this.#removeAllBut([]);
      });
    });
  }

  async cleanup(): Promise<void> {
    try {
      // While another process holds the lock, its files are in use. The start of the app does not wait for it.
      if ((await namesIn(this.#directory)).length > 0) await this.#locked(() => this.#sweep(), { waitMs: 0 });
    } catch (error) {
      this.#logger.warn(`staging: files that are no longer needed stay until the next start: ${textOf(error)}`);
    }
  }

  async #readRecord(): Promise<StagedUpdate | undefined> {
    const staged = await this.#store.read();
    // This class never writes a record that points elsewhere.
    return staged !== undefined && dirname(staged.path) === this.#staged ? staged : undefined;
  }

  /** @throws UpdateError `STAGE_BUSY` */
  async #locked<T>(work: () => Promise<T>, options: LockOptions = {}): Promise<T> {
    const lock = await acquireLock(join(this.#directory, 'staging.lock'), options);
    if (lock === undefined) throw new UpdateError('STAGE_BUSY', 'Another process is staging an update. Try again.');
    try {
      return await work();
    } finally {
      lock.release();
    }
  }

  /** The record is written before the file is moved. If the app crashes in between, the next start completes the move. */
  async #moveRecorded(from: string, staged: StagedUpdate): Promise<void> {
    await rename(from, staged.path);
    await syncDirectory(this.#staged);
  }

  async #removeAllBut(keep: readonly string[]): Promise<void> {
    const names = (await namesIn(this.#staged)).filter((name) => !keep.includes(name));
    await Promise.all(names.map((name) => rm(join(this.#staged, name), { recursive: true, force: true })));
  }

  async #sweep(): Promise<void> {
    const staged = await this.#readRecord();
    if (staged !== undefined && !(await exists(staged.path))) {
      await this.#moveRecorded(join(this.#downloads, basename(staged.path)), staged).catch((error: unknown) => {
        if (systemCode(error) !== 'ENOENT') throw error;
      });
    }
    const kept = await this.current();
    const removed = await sweep(this.#directory, { now: this.#clock.now(), staged: kept && basename(kept.path) });
    if (removed > 0) this.#logger.info(`staging: removed ${removed} files that are no longer needed`);
  }
}

/** The name derives from the content, so that an interrupted download is found again and no server chooses a file name. */
function fileName(trusted: TrustedRelease): string {
  const hash = trusted.target.hashes.sha256 ?? trusted.target.hashes.sha512 ?? '';
  return `${hash.slice(0, 32)}.${artifactKindFacts[trusted.artifact.kind].stagedExtension}`;
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false;
    throw error;
  }
}

/** @throws UpdateError `STAGE_DISK_FULL` or `STAGE_DISK` for an error of the file system */
async function withStagingErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UpdateError) throw error;
    const full = isDiskFull(error);
    const words = full
      ? 'There is not enough disk space for the update. Free some and try again.'
      : `The update cannot be stored: ${textOf(error)}.`;
    throw new UpdateError(full ? 'STAGE_DISK_FULL' : 'STAGE_DISK', words, { cause: error });
  }
}
