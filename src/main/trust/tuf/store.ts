import { lstat, mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { acquireLock } from '../../../files/lock.ts';
import { writeAtomic } from '../../../files/write-atomic.ts';
import { textOf, UpdateError } from '../../../shared/errors.ts';
import type { Logger } from '../../ports.ts';
import type { TrustStore } from '../contract.ts';

/** Opens the store of one trust lineage. Nothing is read or written before it is needed. */
export function openTrustStore(directory: string, logger: Logger): TrustStore {
  const fileOf = (name: string): string => join(directory, encodeURIComponent(name));
  let assertHeld: (() => void) | undefined;
  return {
    async read(name, maxBytes) {
      try {
        const stats = await lstat(fileOf(name));
        if (!stats.isFile() || stats.size > maxBytes || stats.size === 0) return undefined;
        return await readFile(fileOf(name));
      } catch (error) {
        logger.debug(`trust store: ${name} can not be read: ${textOf(error)}`);
        return undefined;
      }
    },
    async write(name, bytes) {
      try {
        await mkdir(directory, { recursive: true, mode: 0o700 });
        await writeAtomic(fileOf(name), bytes, { beforeRename: () => assertHeld?.() });
      } catch (error) {
        logger.warn(`trust store: ${name} can not be written: ${textOf(error)}`);
      }
    },
    async remove(name) {
      await rm(fileOf(name), { force: true, recursive: true });
    },
    async exclusive(work, options) {
      const lock = await acquireLock(
        join(directory, 'lock'),
        options?.signal === undefined ? {} : { signal: options.signal },
      ).catch((error: unknown) => {
        options?.signal?.throwIfAborted();
        logger.warn(`trust store: no lock in ${directory}: ${textOf(error)}`);
        return null;
      });
      if (lock === undefined) {
        throw new UpdateError('TRUST_STORE', 'Another process is checking for updates. Try again in a moment.');
      }
      try {
        assertHeld = () => lock?.assertHeld();
        return await work();
      } finally {
        assertHeld = undefined;
        lock?.release();
      }
    },
  };
}
