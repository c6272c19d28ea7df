import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { acquireLock, type Lock } from '../../../files/lock.ts';
import { textOf } from '../../../shared/errors.ts';
import type { Logger } from '../../ports.ts';

/** The running processes of this installation. */
export interface RunningInstances {
  /** Adds this process until it ends. */
  join(): Promise<void>;
  /** Resolves `true` if another process is running. Removes the files of processes that have ended. */
  hasOtherInstances(): Promise<boolean>;
  leave(): Promise<void>;
}

/** Removes the lock file and its SQLite journal. */
async function remove(lock: Lock, path: string): Promise<void> {
  lock.remove();
  await rm(`${path}-journal`, { force: true });
}

/**
 * Keeps one file per process in `directory/instances`, with a lock that the kernel releases when the process ends. If
 * the files cannot be read or written, no other process counts as running, so that a full disk does not prevent
 * updates.
 */
export function openRunningInstances(directory: string, logger: Logger, pid: number = process.pid): RunningInstances {
  const folder = join(directory, 'instances');
  const own = `${pid}`;
  let held: Lock | undefined;

  async function isAlive(name: string): Promise<boolean> {
    const path = join(folder, name);
    const lock = await acquireLock(path, { waitMs: 0 });
    if (lock === undefined) return true;
    await remove(lock, path);
    return false;
  }

  /** Asks about each process, so that the files of killed processes are removed. */
  async function isAnotherAlive(): Promise<boolean> {
    const pids = new Set((await readdir(folder)).flatMap((name) => /^(\d+)(-journal)?$/.exec(name)?.[1] ?? []));
    pids.delete(own);
    const alive = await Promise.all([...pids].map(isAlive));
    return alive.includes(true);
  }

  return {
    async join() {
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        held ??= await acquireLock(join(folder, own), { waitMs: 0 });
        await isAnotherAlive();
      } catch (error) {
        logger.warn(`instances: this process cannot be registered: ${textOf(error)}`);
      }
    },
    async hasOtherInstances() {
      try {
        return await isAnotherAlive();
      } catch (error) {
        logger.warn(`instances: others cannot be looked for: ${textOf(error)}`);
        return false;
      }
    },
    async leave() {
      const lock = held;
      held = undefined;
      if (lock !== undefined) await remove(lock, join(folder, own));
    },
  };
}
