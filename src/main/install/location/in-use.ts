import { readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';

/** Does a program from below `directory` run? As far as this user may see (proc(5)); elsewhere than on Linux: no. */
export async function isInUse(directory: string): Promise<boolean> {
  if (process.platform !== 'linux') return false;
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  // A process that ends meanwhile, or is another user's, has no answer.
  const programs = await Promise.all(pids.map((pid) => readlink(join('/proc', pid, 'exe')).catch(() => '')));
  return programs.some((program) => program.startsWith(`${directory}/`));
}
