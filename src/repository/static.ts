import { omitUndefined } from '../shared/omit-undefined.ts';
import { UpdateError } from '../shared/errors.ts';
import type { RepositoryLogger } from './outside.ts';
import { expiryOf } from './settings.ts';
import { bootstrapWith, makeRoot } from './store/bootstrap.ts';
import type { RepositoryStore } from './store/contract.ts';
import { placesIn, readLatestRoot } from './store/files.ts';
import { nextRoot } from './store/operations.ts';
import { openRepositoryStore } from './store/store.ts';
import type { RoleSigningKey } from './tuf/keys.ts';
import { replaceRoot, resignEverything } from './tuf/sign-changes.ts';

/** The keys of a repository that a web server serves as files. Its directory contains none of them. */
export interface StaticKeys {
  /** All keys of the root role. They are kept offline, and needed to create the repository and to renew its root. */
  readonly root: readonly RoleSigningKey[];
  /** Signs every role except the root. */
  readonly online: RoleSigningKey;
}

export interface CreateStaticOptions {
  readonly directory: string;
  readonly keys: StaticKeys;
  /** How many root keys must sign a root. @defaultValue all */
  readonly threshold?: number;
  /** Days until metadata below the root expires unless it is renewed. @defaultValue 7 */
  readonly expireDays?: number;
  /** Hash bins, a power of two. @defaultValue 16 */
  readonly bins?: number;
  readonly logger?: RepositoryLogger;
}

/**
 * Creates a repository in RSTUF's layout in a directory. Clients need its `metadata/` and `content/`. If it is interrupted,
 * call it again.
 * @throws UpdateError `REPOSITORY_STATE` if the directory already has a repository, `OPTIONS_INVALID`
 */
export async function createStaticRepository(options: CreateStaticOptions): Promise<{ readonly root: string }> {
  const { directory, keys, threshold = keys.root.length, expireDays: days = 7, bins = 16, logger } = options;
  if (threshold < 1 || threshold > keys.root.length) {
    throw new UpdateError(
      'OPTIONS_INVALID',
      `A threshold of ${threshold} cannot be reached with ${keys.root.length} root keys.`,
    );
  }
  const expireDays = { targets: days, snapshot: days, timestamp: days, bins: days };
  const store = await openRepositoryStore({
    directory,
    keys: [keys.online],
    settings: { bootstrap: 'api', renew: false, bins, expireDays },
    ...omitUndefined({ logger }),
  });
  try {
    if (store.state !== undefined) {
      throw new UpdateError('REPOSITORY_STATE', `${directory} already contains a repository. Use another directory.`);
    }
    await bootstrapWith(store, (await readLatestRoot(store.places)) ?? firstRoot(store, keys, threshold));
    return { root: `${placesIn(directory).metadata}/1.root.json` };
  } finally {
    await store.close();
  }
}

/**
 * Signs everything below the root again, with its original validity period. With root keys, first signs a new root for
 * another year that names the given online key. That replaces a stolen online key.
 * @throws UpdateError `REPOSITORY_STATE` if the keys are not those of the repository
 */
export async function renewStaticRepository(
  directory: string,
  keys: Omit<StaticKeys, 'root'> & Partial<StaticKeys>,
): Promise<{ readonly rootVersion: number; readonly expires: string }> {
  if (keys.root === undefined) await assertOnlineKey(directory, keys.online);
  const store = await openRepositoryStore({
    directory,
    keys: [keys.online],
    settings: { bootstrap: 'api', renew: false },
  });
  try {
    return await store.exclusive(async () => {
      if (keys.root === undefined) await store.commit(resignEverything(store.needState(), store.signer()));
      else await renewRoot(store, keys.root, keys.online);
      const { root, timestamp } = store.needState();
      return { rootVersion: root.version, expires: timestamp.expires };
    });
  } finally {
    await store.close();
  }
}

/** @throws UpdateError `REPOSITORY_STATE` if the directory has no repository, or one with another online key */
export async function assertOnlineKey(directory: string, { keyid }: RoleSigningKey): Promise<void> {
  const root = await readLatestRoot(placesIn(directory));
  if (root === undefined) {
    throw new UpdateError(
      'REPOSITORY_STATE',
      `${directory} contains no repository. Create one with "electron-tuf create".`,
    );
  }
  if (root.onlineKey.keyid === keyid) return;
  throw new UpdateError(
    'REPOSITORY_STATE',
    `The root names ${root.onlineKey.keyid} as its online key, not ${keyid}. "electron-tuf renew" with the root keys changes that.`,
  );
}

async function renewRoot(
  store: RepositoryStore,
  rootKeys: readonly RoleSigningKey[],
  online: RoleSigningKey,
): Promise<void> {
  const { keyids } = store.needState().root;
  const given = new Set(rootKeys.map((key) => key.keyid));
  const missing = keyids.filter((keyid) => !given.has(keyid));
  if (missing.length > 0 || given.size !== keyids.length) {
    throw new UpdateError(
      'REPOSITORY_STATE',
      `The root must be signed with exactly its own keys (${keyids.join(', ')}).${missing.length === 0 ? '' : ` Missing: ${missing.join(', ')}.`}`,
    );
  }
  const before = store.needState();
  const next = makeRoot(nextRoot(store), rootKeys, online);
  await store.commit(replaceRoot(before, next, store.signer(online)));
  if (before.root.onlineKey.keyid === online.keyid) {
    await store.commit(resignEverything(store.needState(), store.signer(online)));
  }
}

function firstRoot(store: RepositoryStore, keys: StaticKeys, threshold: number): ReturnType<typeof makeRoot> {
  const expires = expiryOf('root', store.journal.plan, store.journal.expireDays, store.clock.now());
  return makeRoot({ version: 1, expires, threshold }, keys.root, keys.online);
}
