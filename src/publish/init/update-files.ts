import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';

import { parseJsonText, withoutByteOrderMark } from '../../shared/json-text.ts';
import { readFileIfExists } from '../../files/read-file-if-exists.ts';
import { writeAtomic } from '../../files/write-atomic.ts';
import type { ClientOptions } from '../../main/client.ts';
import { omitUndefined } from '../../shared/omit-undefined.ts';
import { trustedRootFile } from '../../shared/sigstore-keys.ts';
import { systemCode, textOf, UpdateError } from '../../shared/errors.ts';
import type { PublisherKey, PublisherKeySet } from '../../shared/publisher-keys.ts';
import { parseUpdateConfig, type UpdateConfig } from '../../shared/update-config.ts';

/** The files that the electron-builder hook embeds. Nothing in them is secret. */
const rootFile = 'root.json';
const configFile = 'update.json';

export interface UpdateFiles {
  readonly root: Uint8Array;
  readonly config: UpdateConfig;
  /** `trusted_root.json`, where Sigstore identities are among the keys of the root. */
  readonly trustedRoot?: Uint8Array;
}

/** @throws UpdateError `OPTIONS_CONFIG_MISSING`, `OPTIONS_CONFIG_INVALID` */
export async function readUpdateFiles(directory: string): Promise<UpdateFiles> {
  try {
    const root = withoutByteOrderMark(await readFile(join(directory, rootFile)));
    const config = parseUpdateConfig(parseJsonText(await readFile(join(directory, configFile), 'utf8')));
    return { root, config, ...omitUndefined({ trustedRoot: await readTrustedRoot(directory) }) };
  } catch (error) {
    if (error instanceof UpdateError) throw error;
    throw new UpdateError(
      'OPTIONS_CONFIG_MISSING',
      `${directory} has no usable root.json and update.json: ${textOf(error)}. Run "electron-tuf init" first.`,
      { cause: error },
    );
  }
}

async function readTrustedRoot(directory: string): Promise<Uint8Array | undefined> {
  const bytes = await readFileIfExists(join(directory, trustedRootFile));
  return bytes && withoutByteOrderMark(bytes);
}

/** Where a client begins that trusts what an app embeds. */
export function trustIn({
  root,
  trustedRoot,
}: Pick<UpdateFiles, 'root' | 'trustedRoot'>): Pick<ClientOptions, 'anchor' | 'readTrustedRoot'> {
  return { anchor: { type: 'root', bytes: root }, readTrustedRoot: () => Promise.resolve(trustedRoot) };
}

/** Writes the files, each atomically. @throws UpdateError `PUBLISH_CONTENT` */
export async function writeUpdateFiles(directory: string, { root, config, trustedRoot }: UpdateFiles): Promise<void> {
  try {
    await mkdir(directory, { recursive: true });
    await writeAtomic(join(directory, rootFile), root, { mode: 0o644 });
    if (trustedRoot !== undefined) await writeAtomic(join(directory, trustedRootFile), trustedRoot, { mode: 0o644 });
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
