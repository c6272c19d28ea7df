import { lstat, mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { acquireLock, type Lock } from '../../../../files/lock.ts';
import { temporarySuffix, writeAtomic } from '../../../../files/write-atomic.ts';
import { systemCode, textOf, UpdateError } from '../../../../shared/errors.ts';
import type { Logger, TrustOptions } from '../../../ports.ts';
import type { TrustStore } from '../../contract.ts';
import { cancelled } from '../fetch/delay.ts';

/**
 * Opens the store of one trust lineage. Reads and writes nothing before it is needed.
 * @param locate finds the lineage's directory; called once
 */
export function openTrustStore(locate: () => Promise<string>, logger: Logger): TrustStore {
  let located: Promise<string> | undefined;
  const home = (): Promise<string> => (located ??= locate());
  const fileOf = async (name: string): Promise<string> => join(await home(), encodeURIComponent(name));
  let held: Lock | undefined;
  /** Settles when the last caller in this process that asked for the lock is done. Never rejects. */
  let last: Promise<unknown> = Promise.resolve();

  async function runLocked<T>(work: () => Promise<T>, options: TrustOptions | undefined): Promise<T> {
    const lock = await lockIn(await home(), logger, options);
    held = lock;
    try {
      return await work();
    } finally {
      if (held === lock) held = undefined;
      lock?.release();
    }
  }

  return {
    async read(name, maxBytes) {
      return readPlainFile(await fileOf(name), maxBytes, logger);
    },
    async write(name, bytes) {
      const path = await fileOf(name);
      try {
        await clearPath(path);
        await writeAtomic(path, bytes, { beforeRename: () => held?.assertHeld() });
      } catch (error) {
        logger.warn(`trust store: ${name} cannot be written. The next check fetches it again: ${textOf(error)}`);
      }
    },
    async evict(isDisposable, maxBytes) {
      try {
        await evictOldest(await home(), isDisposable, maxBytes);
      } catch (error) {
        logger.warn(`trust store: old files cannot be removed: ${textOf(error)}`);
      }
    },
    async withLock(work, options) {
      // Callers in this process queue. Between processes, the lock is polled.
      const turn = last.then(async () => runLocked(work, options));
      last = turn.catch(() => undefined);
      return turn;
    },
  };
}

/**
 * Returns `undefined` for a file that is missing, empty, longer than `maxBytes`, unreadable, or not a regular file (a
 * pipe would never end).
 */
export async function readPlainFile(path: string, maxBytes: number, logger: Logger): Promise<Uint8Array | undefined> {
  try {
    const stats = await lstat(path);
    if (!stats.isFile() || stats.size > maxBytes || stats.size === 0) return undefined;
    return await readFile(path);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') logger.debug(`trust store: ${path} cannot be read: ${textOf(error)}`);
    return undefined;
  }
}

/**
 * Returns `undefined` if no lock can be created (a read-only home). Then nothing can be written either.
 * @throws UpdateError `TRUST_STORE` if another process does not release it
 */
async function lockIn(directory: string, logger: Logger, options: TrustOptions = {}): Promise<Lock | undefined> {
  const { signal } = options;
  try {
    const lock = await acquireLock(join(directory, 'lock'), signal === undefined ? {} : { signal });
    if (lock !== undefined) return lock;
  } catch (error) {
    if (signal?.aborted === true) throw cancelled();
    logger.warn(`trust store: no lock in ${directory}: ${textOf(error)}`);
    return undefined;
  }
  throw new UpdateError('TRUST_STORE', 'Another process is writing the trust store. Try again in a moment.');
}

async function evictOldest(
  directory: string,
  isDisposable: (file: string) => boolean,
  maxBytes: number,
): Promise<void> {
  const found: { readonly path: string; readonly size: number; readonly writtenAt: number }[] = [];
  for (const name of await readdir(directory)) {
    const path = join(directory, name);
    if (name.startsWith('.') && name.endsWith(temporarySuffix)) await rm(path, { force: true });
    else if (isDisposable(name)) {
      const { size, mtimeMs } = await lstat(path);
      found.push({ path, size, writtenAt: mtimeMs });
    }
  }
  let total = 0;
  for (const { path, size } of found.toSorted((a, b) => b.writtenAt - a.writtenAt)) {
    total += size;
    if (total > maxBytes) await rm(path, { recursive: true, force: true });
  }
}

/** Removes a file where a directory must be, and anything but a file where a file must be. */
async function clearPath(path: string): Promise<void> {
  const directory = dirname(path);
  for (const place of [dirname(directory), directory]) {
    const stats = await stat(place).catch(() => undefined);
    if (stats?.isDirectory() === false) await rm(place, { force: true });
  }
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const stats = await lstat(path).catch(() => undefined);
  if (stats?.isFile() === false) await rm(path, { recursive: true, force: true });
}
