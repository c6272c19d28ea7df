import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { systemCode, textOf, UpdateError } from '../shared/errors.ts';
import { parseUpdateConfig, type UpdateConfig } from '../shared/update-config.ts';

/** What the electron-builder hook embeds. */
export interface EmbeddedConfig {
  readonly config: UpdateConfig;
  /** Bytes of `root.json`. */
  readonly root: Uint8Array;
}

/**
 * Reads `update.json` and `root.json` from a directory, `resources/update` in a packaged app.
 * @throws UpdateError `OPTIONS_CONFIG_MISSING`, `OPTIONS_CONFIG_INVALID`
 */
export async function readEmbeddedConfig(directory: string): Promise<EmbeddedConfig> {
  const [config, root] = await Promise.all([readPart(directory, 'update.json'), readPart(directory, 'root.json')]);
  return { config: parseUpdateConfig(parseJson(config)), root };
}

async function readPart(directory: string, name: string): Promise<Buffer> {
  try {
    return await readFile(join(directory, name));
  } catch (error) {
    const missing = systemCode(error) === 'ENOENT';
    const words = missing
      ? `${name} is not in ${directory}. Run "electron-tuf init" and add the builder hook to electron-builder.yml.`
      : `${name} can not be read: ${textOf(error)}.`;
    throw new UpdateError(missing ? 'OPTIONS_CONFIG_MISSING' : 'OPTIONS_CONFIG_INVALID', words, { cause: error });
  }
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    throw new UpdateError(
      'OPTIONS_CONFIG_INVALID',
      `update.json is no JSON: ${textOf(error)}. Run "electron-tuf init" to write it again.`,
      { cause: error },
    );
  }
}
