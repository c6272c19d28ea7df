import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { acquireLock, type Lock } from '../../../files/lock.ts';
import { textOf } from '../../../shared/errors.ts';
import type { Logger } from '../../ports.ts';

/** Which processes of this installation are running. */
export interface RunningInstances {
  /** This process is one of them until it ends. */
  join(): Promise<void>;
  /** Is there another? Left-overs of processes that died are removed. */
  hasOtherInstances(): Promise<boolean>;
  leave(): Promise<void>;
}

/** The lock's file, and what SQLite may have left beside it. */
async function remove(lock: Lock, path: string): Promise<void> {
  lock.remove();
  await rm(`${path}-journal`, { force: true });
}

/**
 * One file per process in `directory/instances`, held by a lock that the kernel releases when the process ends, however
 * it does. What cannot be told counts as nobody: a full disk must not keep an app from updating.
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

  /** Asks for each, so that what processes that were killed left is removed. */
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
