import { dirname, join } from 'node:path';

import { plainFs } from '../../../files/plain-fs.ts';
import type { AppFacts, InstallHook } from '../../ports.ts';

/** In bytes: a quarter of the average chunk. A smaller file contains no complete chunk. */
const minBytes = 16 * 1024;
/** Limits the time spent on a directory that is not an app. */
const maxFiles = 20_000;

/**
 * Local files from which a new version's bytes may be copied: the files that the hook names, or else all files of the
 * installed app, and the artifacts that staging retired. Files that cannot be read are left out, because no seed is
 * required.
 */
export async function deltaSeeds(
  facts: AppFacts,
  directory: string,
  hook: Pick<InstallHook, 'seeds'> = {},
): Promise<readonly string[]> {
  const known = (await hook.seeds?.()) ?? (await largeFiles(dirname(facts.resourcesPath)));
  return [...known, ...(await largeFiles(join(directory, 'previous')))];
}

/** Absolute paths of the files below `root` that can contain a chunk, largest first. */
export async function largeFiles(root: string): Promise<readonly string[]> {
  const entries = await plainFs.readdir(root, { recursive: true, withFileTypes: true }).catch(() => []);
  const found: { readonly path: string; readonly size: number }[] = [];
  for (const entry of entries.slice(0, maxFiles)) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const size = await plainFs.stat(path).then(
      (facts) => facts.size,
      () => 0,
    );
    if (size >= minBytes) found.push({ path, size });
  }
  return found.toSorted((a, b) => b.size - a.size || a.path.localeCompare(b.path)).map(({ path }) => path);
}
