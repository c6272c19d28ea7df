import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { hostname, uptime } from 'node:os';

import { systemCode } from '../../../shared/errors.ts';

/** Identifies this machine and its current boot. Both are stored only in the install journal. */
export interface MachineIdentity {
  readonly id: string;
  readonly boot: string;
}

/**
 * On Linux, uses machine-id(5), hashed as its manual requires, and the kernel's boot id. On other systems, uses the
 * host name and the boot time, rounded to 10 minutes.
 */
export async function identifyMachine(now: number): Promise<MachineIdentity> {
  const id = (await line('/etc/machine-id')) ?? hostname();
  const boot = (await line('/proc/sys/kernel/random/boot_id')) ?? String(Math.round((now / 1000 - uptime()) / 600));
  return { id: createHash('sha256').update(`electron-tuf-updater ${id}`).digest('hex').slice(0, 32), boot };
}

async function line(path: string): Promise<string | undefined> {
  try {
    const text = (await readFile(path, 'utf8')).trim();
    return text === '' ? undefined : text;
  } catch (error) {
    if (['ENOENT', 'EACCES'].includes(systemCode(error) ?? '')) return undefined;
    throw error;
  }
}

/** True if this process exists, also if it belongs to another user. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) === 'EPERM';
  }
}
