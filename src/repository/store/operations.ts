import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { omitUndefined } from '../../shared/omit-undefined.ts';
import { writeAtomic } from '../../files/write-atomic.ts';
import { UpdateError } from '../../shared/errors.ts';
import { assertTargetPath, consistentName } from '../../shared/target-path.ts';
import { expiryOf } from '../settings.ts';
import type { ArtifactRequest, TaskRecord } from '../tasks/task.ts';
import { type JsonObject, tufTime } from '../tuf/json.ts';
import type { RoleSigningKey } from '../tuf/keys.ts';
import { replaceRoot, signChanges } from '../tuf/sign-changes.ts';
import { makeRoot } from './bootstrap.ts';
import type { RepositoryStore } from './contract.ts';
import { needKey } from './key-ring.ts';

/** Writes bytes to the content directory under their consistent and plain names, and returns their description. */
export async function storeContent(
  store: RepositoryStore,
  path: string,
  bytes: Uint8Array,
  custom?: JsonObject,
): Promise<ArtifactRequest> {
  assertTargetPath(path);
  const hex = (algorithm: string): string => createHash(algorithm).update(bytes).digest('hex');
  const hashes = { sha256: hex('sha256'), sha512: hex('sha512') };
  for (const name of [consistentName(path, hashes.sha256), path]) {
    const file = join(store.places.content, ...name.split('/'));
    await mkdir(dirname(file), { recursive: true });
    await writeAtomic(file, bytes, { mode: 0o644 });
  }
  return { path, info: { length: bytes.length, hashes, ...omitUndefined({ custom }) } };
}

/** Adds or replaces targets, and publishes. @throws UpdateError `PUBLISH_TASK_FAILED` */
export async function addTargets(store: RepositoryStore, artifacts: readonly ArtifactRequest[]): Promise<void> {
  const { done } = await store.accept({ task: 'add_artifacts', artifacts, publish: true });
  assertSucceeded(await done);
}

/** Removes targets from the metadata, but keeps their files. @throws UpdateError `PUBLISH_TASK_FAILED` */
export async function removeTargets(store: RepositoryStore, paths: readonly string[]): Promise<void> {
  const { done } = await store.accept({ task: 'remove_artifacts', paths, publish: true });
  assertSucceeded(await done);
}

/** Publishes a root with new root keys, signed by old and new keys (TUF specification, 5.3.4). */
export async function rotateRoot(store: RepositoryStore): Promise<void> {
  await store.exclusive(async () => {
    const { root } = store.needState();
    const before = rootKeys(store);
    const after = [];
    for (const _key of before) after.push(await store.keys.create('root'));
    const next = makeRoot(nextRoot(store), after, root.onlineKey, [...before, ...after]);
    await store.commit(replaceRoot(store.needState(), next, store.signer()));
  });
}

/** Publishes a root with a new online key, and signs everything with it. */
export async function rotateOnlineKey(store: RepositoryStore): Promise<void> {
  await store.exclusive(async () => {
    const key = await store.keys.create('online');
    const next = makeRoot(nextRoot(store), rootKeys(store), key);
    await store.commit(replaceRoot(store.needState(), next, store.signer(key)));
  });
}

/**
 * Publishes a new version of a role that expires at `at` (milliseconds since the epoch), and turns off its renewal. Tests
 * use it to simulate a stopped worker. `role` is `root`, `timestamp`, `snapshot`, `targets` or a delegated role.
 * @throws UpdateError `OPTIONS_INVALID` for an unknown role
 */
export async function setExpiry(store: RepositoryStore, role: string, at: number): Promise<void> {
  store.stopRenewal();
  await store.exclusive(async () => {
    const state = store.needState();
    if (role === 'root') {
      const next = makeRoot({ ...nextRoot(store), expires: tufTime(at) }, rootKeys(store), state.root.onlineKey);
      return store.commit(replaceRoot(state, next, store.signer()));
    }
    const delegated = state.delegated.get(role);
    if (delegated === undefined && !['timestamp', 'snapshot', 'targets'].includes(role)) {
      throw new UpdateError('OPTIONS_INVALID', `The repository has no role "${role}".`);
    }
    const changes = {
      ...(delegated === undefined ? {} : { delegated: new Map([[role, delegated.targets]]) }),
      targets: role === 'targets',
      snapshot: role === 'snapshot',
    };
    const signer = store.signer(undefined, new Map([[role, tufTime(at)]]));
    return store.commit(signChanges(state, changes, signer));
  });
}

export function nextRoot(store: RepositoryStore): { version: number; expires: string; threshold: number } {
  const { root } = store.needState();
  const { plan, expireDays } = store.journal;
  const expires = expiryOf('root', plan, expireDays, store.clock.now());
  return { version: root.version + 1, expires, threshold: root.threshold };
}

function rootKeys(store: RepositoryStore): readonly RoleSigningKey[] {
  return store.needState().root.keyids.map((keyid) => needKey(store.keys, { keyid }, store.places));
}

function assertSucceeded({ state, result }: TaskRecord): void {
  const invalid = result.details?.['invalid_paths'];
  const uncovered = Array.isArray(invalid) ? invalid.join(', ') : '';
  if (state === 'SUCCESS' && uncovered === '') return;
  const why = uncovered === '' ? (result.error ?? state) : `no role covers ${uncovered}`;
  throw new UpdateError('PUBLISH_TASK_FAILED', `The repository could not publish: ${why}.`);
}
