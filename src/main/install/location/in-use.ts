import { readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * True if a running program lies below `directory`, as far as this user can see (proc(5)). Always false except on
 * Linux.
 */
export async function isInUse(directory: string): Promise<boolean> {
  if (process.platform !== 'linux') return false;
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  // The link cannot be read if the process has ended or belongs to another user.
  const programs = await Promise.all(pids.map((pid) => readlink(join('/proc', pid, 'exe')).catch(() => '')));
  return programs.some((program) => program.startsWith(`${directory}/`));
}
