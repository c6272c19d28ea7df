import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { parseJsonText, withoutByteOrderMark } from '../shared/json-text.ts';
import { systemCode, textOf, UpdateError } from '../shared/errors.ts';
import { parseSecureUrl } from './http/secure-url.ts';
import { trustedRootFile } from '../shared/sigstore-keys.ts';
import { readFileIfExists } from '../files/read-file-if-exists.ts';
import { parseUpdateConfig, type UpdateConfig } from '../shared/update-config.ts';

/**
 * Reads `update.json` from a directory (`resources/update` in a packaged app). Synchronous, because the file has a few
 * hundred bytes and the updater must exist before the first window.
 * @throws UpdateError `OPTIONS_CONFIG_MISSING`, `OPTIONS_CONFIG_INVALID`
 */
export function readUpdateConfig(directory: string): UpdateConfig {
  try {
    return checkedConfig(parseJsonText(readFileSync(join(directory, 'update.json'), 'utf8')));
  } catch (error) {
    throw configError(error, directory, 'update.json');
  }
}

/**
 * Checks a configuration: key sets, version floor and addresses. One that an app gives in code is checked as strictly as an
 * embedded one.
 * @throws UpdateError `OPTIONS_CONFIG_INVALID`
 */
export function checkedConfig(value: unknown): UpdateConfig {
  const config = parseUpdateConfig(value);
  for (const address of [config.metadataUrl, ...config.targetsUrls]) {
    try {
      parseSecureUrl(address);
    } catch (error) {
      throw new UpdateError('OPTIONS_CONFIG_INVALID', textOf(error), { cause: error });
    }
  }
  return config;
}

/** Reads `root.json` from the same directory. @throws UpdateError `OPTIONS_CONFIG_MISSING`, `OPTIONS_CONFIG_INVALID` */
export async function readEmbeddedRoot(directory: string): Promise<Uint8Array> {
  try {
    return withoutByteOrderMark(await readFile(join(directory, 'root.json')));
  } catch (error) {
    throw configError(error, directory, 'root.json');
  }
}

/**
 * Reads `trusted_root.json` beside it, if there is one. Only apps whose repository has Sigstore identities among its keys
 * embed it. @throws UpdateError `OPTIONS_CONFIG_INVALID`
 */
export async function readTrustedRoot(directory: string): Promise<Uint8Array | undefined> {
  try {
    const bytes = await readFileIfExists(join(directory, trustedRootFile));
    return bytes && withoutByteOrderMark(bytes);
  } catch (error) {
    throw configError(error, directory, trustedRootFile);
  }
}

function configError(error: unknown, directory: string, name: string): UpdateError {
  if (error instanceof UpdateError) return error;
  const missing = systemCode(error) === 'ENOENT';
  const words = missing
    ? `${name} is not in ${directory}. Run "electron-tuf init" and add the builder hook to electron-builder.yml.`
    : `${name} cannot be read: ${textOf(error)}. Run "electron-tuf init" to write it again.`;
  return new UpdateError(missing ? 'OPTIONS_CONFIG_MISSING' : 'OPTIONS_CONFIG_INVALID', words, { cause: error });
}
