import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';

import { JsonStore } from '../../../files/json-store.ts';
import { acquireLock, type Lock } from '../../../files/lock.ts';
import { textOf } from '../../../shared/errors.ts';
import type { Logger } from '../../ports.ts';

/** What is remembered between starts, see {@link sharedNames} for what belongs to whom. */
export interface Preferences {
  /** Random, made once; it decides the rollout bucket and is never sent. */
  readonly installId: string;
  /** The user's choice. */
  readonly channel?: string;
  /** The channel for which the user agreed to install an older version; forgotten once something was installed. */
  readonly downgradeTo?: string;
  /** The version that the user does not want, nor an older one. */
  readonly skipped?: string;
  /** Milliseconds since the epoch: when the user said so, and until when. */
  readonly remindLater?: { readonly version: string; readonly since?: number; readonly until: number };
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

/** What is wrong in the file costs only itself. */
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

/** Milliseconds that a change waits for another process's; then it is written all the same. */
const waitMs = 2000;

/** What the user chose for the app, wherever a copy of it lies. Everything else belongs to one installation. */
const sharedNames = ['installId', 'channel', 'skipped', 'remindLater'] as const;

type Shared = Pick<Preferences, (typeof sharedNames)[number]>;

/**
 * The preferences of an installation: `preferences.json` in `directory`, and what it shares with other copies of the app
 * of this user in `userDirectory`. So an AppImage that is renamed keeps its channel and its place in a rollout. The first
 * installation that finds nothing shared shares what it has.
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
  /** Other installations change the file, too: it is read each time. @defaultValue false */
  readonly isShared?: boolean;
  /** What is there before there is a file. @defaultValue a new installation */
  readonly start?: () => Promise<Preferences>;
}

/**
 * `preferences.json` in `directory`, which all processes of the installation share: each change is made to what is there
 * by then. A corrupt or unwritable one costs the memory, not the updates; what could not be written goes along with the
 * next change.
 */
function openPreferenceFile(directory: string, logger: Logger, options: FileOptions = {}): PreferenceStore {
  const { isShared = false, start = async () => Promise.resolve(anew()) } = options;
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
        // Never over what cannot be read only now.
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

  // One thing at a time, so that no change undoes another.
  async function inTurn<T>(turn: () => Promise<T>): Promise<T> {
    const done = work.then(turn);
    work = done;
    return done;
  }

  return { get: async () => inTurn(load), set: async (change) => inTurn(async () => save(change)) };
}

/** What is there by now counts; where the file itself is gone or was broken, also what this process knew. */
function completed(stored: Partial<Preferences>, known: Preferences): Preferences {
  const { installId } = stored;
  return installId === undefined ? { ...known, ...stored, installId: known.installId } : { ...stored, installId };
}

/** Without a lock, what another process writes in the same moment may get lost: better than to keep nothing. */
async function lockFor(directory: string, logger: Logger): Promise<Lock | undefined> {
  try {
    return await acquireLock(join(directory, 'preferences.lock'), { waitMs });
  } catch (error) {
    logger.debug(`preferences.json is written without a lock: ${textOf(error)}`);
    return undefined;
  }
}

function anew(): Preferences {
  return { installId: randomUUID() };
}

function changed(before: Preferences, change: PreferencesChange): Preferences {
  const entries = Object.entries({ ...before, ...change }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as unknown as Preferences;
}
