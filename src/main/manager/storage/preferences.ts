import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';

import { JsonStore } from '../../../files/json-store.ts';
import { acquireLock, type Lock } from '../../../files/lock.ts';
import { textOf } from '../../../shared/errors.ts';
import type { Logger } from '../../ports.ts';

/** What is stored between starts. {@link sharedNames} lists what all installations of a user share. */
export interface Preferences {
  /** Random, created once. Selects the rollout bucket, and is never sent. */
  readonly installId: string;
  /** The channel that the user chose. */
  readonly channel?: string;
  /** The channel on which the user agreed to install an older version. Removed after the next install. */
  readonly downgradeTo?: string;
  /** The user does not want this version or an older one. */
  readonly skipped?: string;
  /** `since` and `until` in milliseconds since the epoch. */
  readonly remindLater?: { readonly version: string; readonly since?: number; readonly until: number };
  /** True if a staged update waits for the next start. */
  readonly installAtNextLaunch?: boolean;
  /** How often the install of a version was started, and the error of the last attempt. Removed once the version runs. */
  readonly installTries?: {
    readonly version: string;
    readonly tries: number;
    readonly code?: string;
    readonly message?: string;
  };
  /** The version that was last reported to the app as offered. */
  readonly offered?: string;
  /** ISO 8601 time of the last successful check. */
  readonly lastCheck?: string;
  /** ISO 8601 time at which the last seen metadata expires. */
  readonly trustExpires?: string;
}

/** A change. `undefined` removes a value. */
type PreferencesChange = {
  readonly [Name in keyof Omit<Preferences, 'installId'>]?: Preferences[Name] | undefined;
};

export interface PreferenceStore {
  get(): Promise<Preferences>;
  set(change: PreferencesChange): Promise<void>;
}

const fields: Readonly<Record<keyof Preferences, v.GenericSchema>> = {
  installId: v.pipe(v.string(), v.minLength(1), v.maxLength(64)),
  channel: v.string(),
  downgradeTo: v.string(),
  skipped: v.string(),
  remindLater: v.object({ version: v.string(), since: v.exactOptional(v.number()), until: v.number() }),
  installAtNextLaunch: v.boolean(),
  installTries: v.object({
    version: v.string(),
    tries: v.number(),
    code: v.exactOptional(v.string()),
    message: v.exactOptional(v.string()),
  }),
  offered: v.string(),
  lastCheck: v.pipe(v.string(), v.isoTimestamp()),
  trustExpires: v.pipe(v.string(), v.isoTimestamp()),
};

/** Ignores only the invalid fields of a file. */
const schema: v.GenericSchema<unknown, Partial<Preferences>> = v.pipe(
  v.record(v.string(), v.unknown()),
  v.transform((stored) => {
    const entries = Object.entries(fields).flatMap(([name, field]) => {
      const parsed = v.safeParse(field, stored[name]);
      return parsed.success ? [[name, parsed.output] as const] : [];
    });
    return Object.fromEntries(entries);
  }),
);

/** Milliseconds for which a change waits for another process. After that, it is written without the lock. */
const waitMs = 2000;

/** Preferences that all copies of the app of this user share. All others belong to one installation. */
const sharedNames = ['installId', 'channel', 'skipped', 'remindLater'] as const;

type Shared = Pick<Preferences, (typeof sharedNames)[number]>;

/**
 * Opens the preferences of an installation: `preferences.json` in `directory`, and in `userDirectory` those that it
 * shares with other copies of the app of this user. A renamed AppImage therefore keeps its channel and its place in a
 * rollout. The first installation creates the shared file from its own preferences.
 */
export function openPreferences(directory: string, logger: Logger, userDirectory: string = directory): PreferenceStore {
  const own = openPreferenceFile(directory, logger);
  if (userDirectory === directory) return own;
  const shared = openPreferenceFile(userDirectory, logger, {
    isShared: true,
    start: async () => sharedOf(await own.get()),
  });
  return {
    async get() {
      const ours = Object.entries(await own.get()).filter(([name]) => !isShared(name));
      return { ...Object.fromEntries(ours), ...sharedOf(await shared.get()) };
    },
    async set(change) {
      const entries = Object.entries(change);
      const [theirs, ours] = [true, false].map((is) => entries.filter(([name]) => isShared(name) === is));
      if (theirs !== undefined && theirs.length > 0) await shared.set(Object.fromEntries(theirs));
      if (ours !== undefined && ours.length > 0) await own.set(Object.fromEntries(ours));
    },
  };
}

function isShared(name: string): boolean {
  return (sharedNames as readonly string[]).includes(name);
}

function sharedOf(preferences: Preferences): Shared {
  const entries = Object.entries(preferences).filter(([name]) => isShared(name));
  return Object.fromEntries(entries) as unknown as Shared;
}

interface FileOptions {
  /** True if other installations also change the file, so that each access reads it. @defaultValue false */
  readonly isShared?: boolean;
  /** Returns the initial preferences if there is no file. @defaultValue those of a new installation */
  readonly start?: () => Promise<Preferences>;
}

/**
 * Opens `preferences.json` in `directory`, which all processes of the installation share. Each change reads the file
 * first. If the file is corrupt or cannot be written, updates go on. A change that could not be written is written with
 * the next one.
 */
function openPreferenceFile(directory: string, logger: Logger, options: FileOptions = {}): PreferenceStore {
  const { isShared = false, start = async () => Promise.resolve(newPreferences()) } = options;
  const store = new JsonStore<Partial<Preferences>>({
    path: join(directory, 'preferences.json'),
    schema,
    empty: {},
    logger,
  });
  let known: Preferences | undefined;
  let unsaved: PreferencesChange = {};
  let work: Promise<unknown> = Promise.resolve();

  async function save(change: PreferencesChange): Promise<void> {
    const changes = { ...unsaved, ...change };
    known = changed(known ?? (await start()), changes);
    unsaved = changes;
    try {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      const lock = await lockFor(directory, logger);
      try {
        // If the file exists but cannot be read now, this throws, and the file is not overwritten.
        known = changed(completed(await store.load(), known), changes);
        await store.save(known);
      } finally {
        lock?.release();
      }
      unsaved = {};
    } catch (error) {
      logger.warn(`preferences.json cannot be written: ${textOf(error)}`);
    }
  }

  async function load(): Promise<Preferences> {
    if (known !== undefined) return isShared ? reload(known) : known;
    known = await start();
    try {
      const stored = await store.load();
      known = completed(stored, known);
      if (stored.installId === undefined) await save({});
    } catch (error) {
      logger.warn(`preferences.json cannot be read: ${textOf(error)}`);
    }
    return known;
  }

  async function reload(before: Preferences): Promise<Preferences> {
    try {
      known = changed(completed(await store.load(), before), unsaved);
    } catch (error) {
      logger.debug(`preferences.json cannot be read: ${textOf(error)}`);
    }
    return known ?? before;
  }

  // Accesses run one at a time, so that no change undoes another.
  async function inTurn<T>(turn: () => Promise<T>): Promise<T> {
    const done = work.then(turn);
    work = done;
    return done;
  }

  return { get: async () => inTurn(load), set: async (change) => inTurn(async () => save(change)) };
}

/** Stored values win. If the file is missing or was corrupt, adds the values that this process knows. */
function completed(stored: Partial<Preferences>, known: Preferences): Preferences {
  const { installId } = stored;
  return installId === undefined ? { ...known, ...stored, installId: known.installId } : { ...stored, installId };
}

/** Returns no lock if it cannot be taken. A concurrent change may be lost, which is better than storing nothing. */
async function lockFor(directory: string, logger: Logger): Promise<Lock | undefined> {
  try {
    return await acquireLock(join(directory, 'preferences.lock'), { waitMs });
  } catch (error) {
    logger.debug(`preferences.json is written without a lock: ${textOf(error)}`);
    return undefined;
  }
}

function newPreferences(): Preferences {
  return { installId: randomUUID() };
}

function changed(before: Preferences, change: PreferencesChange): Preferences {
  const entries = Object.entries({ ...before, ...change }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as unknown as Preferences;
}
