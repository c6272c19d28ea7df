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
  /** The channel for which the user agreed to install an older version; forgotten once something was installed. */
  readonly downgradeTo?: string;
  /** The version that the user does not want, nor an older one. */
  readonly skipped?: string;
  /** `until` in milliseconds since the epoch. */
  readonly remindLater?: { readonly version: string; readonly until: number };
  /** A staged update waits for the next start. */
  readonly installAtNextLaunch?: boolean;
  /** Installs of a version that were begun, until that version runs; and why the last one failed, if it did. */
  readonly installTries?: {
    readonly version: string;
    readonly tries: number;
    readonly code?: string;
    readonly message?: string;
  };
  /** The version that was offered last: told to the app once. */
  readonly offered?: string;
  /** ISO 8601: the last check that ended well. */
  readonly lastCheck?: string;
  /** ISO 8601: when the metadata that was seen last expires. */
  readonly trustExpires?: string;
}

/** A change; `undefined` forgets. */
type PreferencesChange = {
  readonly [Name in keyof Omit<Preferences, 'installId'>]?: Preferences[Name] | undefined;
};

export interface PreferenceStore {
  get(): Promise<Preferences>;
  set(change: PreferencesChange): Promise<void>;
}

const schema: v.GenericSchema<unknown, Preferences> = v.object({
  installId: v.pipe(v.string(), v.minLength(1), v.maxLength(64)),
  channel: v.exactOptional(v.string()),
  downgradeTo: v.exactOptional(v.string()),
  skipped: v.exactOptional(v.string()),
  remindLater: v.exactOptional(v.object({ version: v.string(), until: v.number() })),
  installAtNextLaunch: v.exactOptional(v.boolean()),
  installTries: v.exactOptional(
    v.object({
      version: v.string(),
      tries: v.number(),
      code: v.exactOptional(v.string()),
      message: v.exactOptional(v.string()),
    }),
  ),
  offered: v.exactOptional(v.string()),
  lastCheck: v.exactOptional(v.pipe(v.string(), v.isoTimestamp())),
  trustExpires: v.exactOptional(v.pipe(v.string(), v.isoTimestamp())),
});

/** `preferences.json` in `directory`. A corrupt or unwritable one costs the memory, not the updates. */
export function openPreferences(directory: string, logger: Logger): PreferenceStore {
  const path = join(directory, 'preferences.json');
  let current: Promise<Preferences> | undefined;

  async function read(): Promise<Preferences> {
    try {
      const parsed = v.safeParse(schema, JSON.parse(await readFile(path, 'utf8')));
      if (parsed.success) return parsed.output;
      logger.warn('preferences.json is not valid; it is begun anew.');
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') logger.warn(`preferences.json can not be read: ${textOf(error)}`);
    }
    return write({ installId: randomUUID() });
  }

  async function write(preferences: Preferences): Promise<Preferences> {
    try {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      await writeAtomic(path, `${JSON.stringify(preferences, undefined, 2)}\n`);
    } catch (error) {
      logger.warn(`preferences.json can not be written: ${textOf(error)}`);
    }
    return preferences;
  }

  return {
    get() {
      current ??= read();
      return current;
    },
    // Changes follow each other, so that none undoes another.
    async set(change) {
      current = (current ?? read()).then((before) => write(changed(before, change)));
      await current;
    },
  };
}

function changed(before: Preferences, change: PreferencesChange): Preferences {
  const entries = Object.entries({ ...before, ...change }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as unknown as Preferences;
}
