import { dirname, join } from 'node:path';

import { plainFs } from '../../../files/plain-fs.ts';
import type { AppFacts, InstallHook } from '../../ports.ts';

/** A shorter file holds no whole chunk, in bytes: a quarter of the chunks' average. */
const leastBytes = 16 * 1024;
/** More files are no app of ours. */
const maxFiles = 20_000;

/**
 * Local files that a new version's bytes may be copied from: what the hook knows, else the installed tree, whose bytes
 * stand as they are in an uncompressed artifact; and the artifacts that staging retired. What cannot be read is left
 * out: a seed is never needed.
 */
export async function deltaSeeds(
  facts: AppFacts,
  directory: string,
  hook: Pick<InstallHook, 'seeds'> = {},
): Promise<readonly string[]> {
  const known = (await hook.seeds?.()) ?? (await largeFiles(dirname(facts.resourcesPath)));
  return [...known, ...(await largeFiles(join(directory, 'previous')))];
}

/** Absolute paths of the files below `root` that are worth a look, largest first. */
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
    if (size >= leastBytes) found.push({ path, size });
  }
  return found.toSorted((a, b) => b.size - a.size || a.path.localeCompare(b.path)).map(({ path }) => path);
}
