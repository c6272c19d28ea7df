import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';

import { systemCode, textOf } from '../../../../shared/errors.ts';
import type { Logger } from '../../../ports.ts';
import { limits } from '../metadata/limits.ts';
import { readPlainFile } from './trust-store.ts';

/**
 * The directory of a root's lineage. It is named after the first root that began the lineage, and found again by each
 * later root in its chain. A build with a root of another lineage (because the repository was set up again) starts its
 * own directory and ignores the versions seen in the old one. The directory is only a place to look: every file in it
 * is verified.
 */
export async function locateLineage(directory: string, anchor: Uint8Array, logger: Logger): Promise<string> {
  const own = `root-${createHash('sha256').update(anchor).digest('hex').slice(0, 16)}`;
  const names = await namesIn(directory, logger);
  if (names.includes(own)) return join(directory, own);
  const { version } = signedPartOf(anchor) ?? {};
  if (typeof version !== 'number') return join(directory, own);
  for (const name of names.filter((entry) => entry.startsWith('root-')).toSorted()) {
    const stored = await readPlainFile(join(directory, name, `${version}.root.json`), limits.root.bytes, logger);
    if (stored === undefined || !isDeepStrictEqual(signedPartOf(stored), signedPartOf(anchor))) continue;
    return join(directory, name);
  }
  return join(directory, own);
}

/** The directory where a repository's first root is pinned. */
export function firstUsePlace(directory: string, metadataUrl: string): string {
  return join(directory, `first-use-${createHash('sha256').update(metadataUrl).digest('hex').slice(0, 16)}`);
}

async function namesIn(directory: string, logger: Logger): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') logger.debug(`trust store: ${directory} cannot be read: ${textOf(error)}`);
    return [];
  }
}

function signedPartOf(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    return (JSON.parse(Buffer.from(bytes).toString('utf8')) as { signed?: Record<string, unknown> }).signed;
  } catch {
    return undefined;
  }
}
