import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { acquireLock, type Lock } from '../../files/lock.ts';
import { textOf } from '../../shared/errors.ts';
import type { Logger } from '../ports.ts';

/** Which processes of this installation are running. */
export interface Instances {
  /** This process is one of them until it ends. */
  join(): Promise<void>;
  /** Is there another? Left-overs of processes that died are removed. */
  others(): Promise<boolean>;
  leave(): Promise<void>;
}

/**
 * One file per process in `directory/instances`, held by a lock that the kernel releases when the process ends, however
 * it does. What can not be told counts as nobody: a full disk must not keep an app from updating.
 */
export function openInstances(directory: string, logger: Logger, pid: number = process.pid): Instances {
  const folder = join(directory, 'instances');
  const own = `${pid}`;
  let held: Lock | undefined;

  async function isAlive(name: string): Promise<boolean> {
    const path = join(folder, name);
    const lock = await acquireLock(path, { waitMs: 0 });
    if (lock === undefined) return true;
    lock.remove();
    return false;
  }

  return {
    async join() {
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        held ??= await acquireLock(join(folder, own), { waitMs: 0 });
      } catch (error) {
        logger.warn(`instances: this process can not be registered: ${textOf(error)}`);
      }
    },
    async others() {
      try {
        const names = (await readdir(folder)).filter((name) => /^\d+$/.test(name) && name !== own);
        const alive = await Promise.all(names.map(isAlive));
        return alive.includes(true);
      } catch (error) {
        logger.warn(`instances: others can not be looked for: ${textOf(error)}`);
        return false;
      }
    },
    leave() {
      held?.remove();
      held = undefined;
      return Promise.resolve();
    },
  };
}
