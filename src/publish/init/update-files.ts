import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';

import { parseJsonText, withoutByteOrderMark } from '../../shared/json-text.ts';
import { writeAtomic } from '../../files/write-atomic.ts';
import { systemCode, textOf, UpdateError } from '../../shared/errors.ts';
import type { PublisherKey, PublisherKeySet } from '../../shared/publisher-keys.ts';
import { parseUpdateConfig, type UpdateConfig } from '../../shared/update-config.ts';

/** The two files that the electron-builder hook embeds. Nothing in them is secret. */
const rootFile = 'root.json';
const configFile = 'update.json';

export interface UpdateFiles {
  readonly root: Uint8Array;
  readonly config: UpdateConfig;
}

/** @throws UpdateError `OPTIONS_CONFIG_MISSING`, `OPTIONS_CONFIG_INVALID` */
export async function readUpdateFiles(directory: string): Promise<UpdateFiles> {
  try {
    const root = withoutByteOrderMark(await readFile(join(directory, rootFile)));
    return { root, config: parseUpdateConfig(parseJsonText(await readFile(join(directory, configFile), 'utf8'))) };
  } catch (error) {
    if (error instanceof UpdateError) throw error;
    throw new UpdateError(
      'OPTIONS_CONFIG_MISSING',
      `${directory} has no usable root.json and update.json: ${textOf(error)}. Run "electron-tuf init" first.`,
      { cause: error },
    );
  }
}

/** Writes both files, each atomically. @throws UpdateError `PUBLISH_CONTENT` */
export async function writeUpdateFiles(directory: string, { root, config }: UpdateFiles): Promise<void> {
  try {
    await mkdir(directory, { recursive: true });
    await writeAtomic(join(directory, rootFile), root, { mode: 0o644 });
    await writeAtomic(join(directory, configFile), `${JSON.stringify(config, undefined, 2)}\n`, { mode: 0o644 });
  } catch (error) {
    throw new UpdateError('PUBLISH_CONTENT', `${directory} cannot be written: ${textOf(error)}.`, { cause: error });
  }
}

/**
 * The key set to embed: the previous one if nothing has changed, or else one with the next revision, so that installed
 * apps can tell which is newer.
 * @throws UpdateError `OPTIONS_INVALID` for a threshold that the keys cannot reach
 */
export function nextKeySet(
  previous: UpdateConfig['publisher'] | undefined,
  keys: readonly PublisherKey[],
  threshold: number,
): PublisherKeySet {
  if (threshold < 1 || threshold > keys.length) {
    throw new UpdateError('OPTIONS_INVALID', `--threshold ${threshold} cannot be reached with ${keys.length} keys.`);
  }
  const old = previous === undefined || previous === 'none' ? undefined : previous;
  const same = old !== undefined && old.threshold === threshold && isDeepStrictEqual(ids(old.keys), ids(keys));
  if (same) return old;
  return { revision: (old?.revision ?? 0) + 1, threshold, keys };
}

function ids(keys: readonly PublisherKey[]): readonly string[] {
  return keys.map((key) => key.keyid).toSorted();
}

/** Reads the files of a directory; `undefined` if it has none yet. */
export async function readUpdateFilesIfThere(directory: string): Promise<UpdateFiles | undefined> {
  try {
    return await readUpdateFiles(directory);
  } catch (error) {
    const missing = error instanceof UpdateError && systemCode(error.cause) === 'ENOENT';
    if (missing) return undefined;
    throw error;
  }
}
