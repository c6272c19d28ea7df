import { randomUUID } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';

import { writeAtomic } from '../../files/write-atomic.ts';
import { systemCode, textOf } from '../../shared/errors.ts';
import type { Logger } from '../ports.ts';

/** What an installation remembers between starts. */
export interface Preferences {
  /** Random, made once; it decides the rollout bucket and is never sent. */
  readonly installId: string;
  /** The user's choice. */
  readonly channel?: string;
  /** A staged update waits for the next start. */
  readonly installAtNextLaunch?: boolean;
  /** ISO 8601. */
  readonly lastCheck?: string;
}

export interface PreferenceStore {
  get(): Promise<Preferences>;
  set(change: Partial<Preferences>): Promise<void>;
}

const schema: v.GenericSchema<unknown, Preferences> = v.object({
  installId: v.pipe(v.string(), v.minLength(1), v.maxLength(64)),
  channel: v.exactOptional(v.string()),
  installAtNextLaunch: v.exactOptional(v.boolean()),
  lastCheck: v.exactOptional(v.string()),
});

/** `preferences.json` in `directory`. A corrupt or unwritable one costs the memory, not the updates. */
export function openPreferences(directory: string, logger: Logger): PreferenceStore {
  const path = join(directory, 'preferences.json');
  let cached: Preferences | undefined;

  async function read(): Promise<Preferences | undefined> {
    try {
      const parsed = v.safeParse(schema, JSON.parse(await readFile(path, 'utf8')));
      return parsed.success ? parsed.output : undefined;
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') logger.warn(`preferences.json can not be read: ${textOf(error)}`);
      return undefined;
    }
  }

  async function write(preferences: Preferences): Promise<void> {
    cached = preferences;
    try {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      await writeAtomic(path, `${JSON.stringify(preferences, undefined, 2)}\n`);
    } catch (error) {
      logger.warn(`preferences.json can not be written: ${textOf(error)}`);
    }
  }

  async function get(): Promise<Preferences> {
    cached ??= await read();
    if (cached === undefined) await write({ installId: randomUUID() });
    return cached as unknown as Preferences;
  }

  return { get, set: async (change) => write({ ...(await get()), ...change }) };
}
