import { lstat, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { acquireLock } from '../../files/lock.ts';
import { systemCode } from '../../shared/errors.ts';
import { decideSweep, type Place, type Stored, type SweepFacts } from './decide-sweep.ts';
import { namesIn } from './private-directory.ts';

const places: readonly Place[] = ['.', 'downloads', 'staged', 'previous'];

/** Removes what {@link decideSweep} selects in the private directory. Resolves with the number of removed items. */
export async function sweep(directory: string, facts: SweepFacts): Promise<number> {
  const { downloads, others } = decideSweep(await list(directory), facts);
  for (const { place, name } of others) await rm(join(directory, place, name), { recursive: true, force: true });
  const removed = await Promise.all(downloads.map((name) => removeDownload(join(directory, 'downloads'), name)));
  return others.length + removed.filter(Boolean).length;
}

async function list(directory: string): Promise<readonly Stored[]> {
  const found: Stored[] = [];
  for (const place of places) {
    for (const name of await namesIn(join(directory, place))) {
      const stats = await lstat(join(directory, place, name)).catch((error: unknown) => {
        // Another process is downloading and has just moved or removed this file.
        if (systemCode(error) === 'ENOENT') return undefined;
        throw error;
      });
      if (stats === undefined) continue;
      found.push({ place, name, bytes: stats.isDirectory() ? 0 : stats.size, changedAt: stats.mtimeMs });
    }
  }
  return found;
}

/** Takes the lock of the download first. Returns `false` if another process is still downloading. */
async function removeDownload(downloads: string, name: string): Promise<boolean> {
  const lockName = `${name}.part.lock`;
  const lock = await acquireLock(join(downloads, lockName), { waitMs: 0 });
  if (lock === undefined) return false;
  try {
    const parts = (await namesIn(downloads)).filter((part) => part.startsWith(name) && part !== lockName);
    for (const part of parts) await rm(join(downloads, part), { recursive: true, force: true });
  } finally {
    lock.remove();
  }
  return true;
}
