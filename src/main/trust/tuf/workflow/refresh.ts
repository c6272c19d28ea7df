import { omitUndefined } from '../../../../shared/omit-undefined.ts';
import { UpdateError } from '../../../../shared/errors.ts';
import type { IdentityVerifier } from '../../sigstore/identity-verifier.ts';
import { truncateName } from '../metadata/parse-envelope.ts';
import type { RoleKeys } from '../metadata/role-keys.ts';
import { isFastForwardRecovery } from './fast-forward-recovery.ts';
import { limits, maxRoleBytes, maxRotations, type MetadataKind } from '../metadata/limits.ts';
import { writeBehind, type MetadataCache, roleFile } from '../store/metadata-cache.ts';
import type { MetaFile, Root, Snapshot, Targets, Timestamp } from '../metadata/roles.ts';
import type { RawKey } from '../metadata/verification-key.ts';
import {
  type Copies,
  isListed,
  hasNewerRole,
  hasNewerSnapshot,
  hasNewerTimestamp,
  newestValid,
  validCopies,
} from '../store/cached-copies.ts';
import {
  assertListedBytes,
  assertListedSnapshot,
  assertNotExpired,
  assertSnapshotNotOlder,
  assertTimestampNotOlder,
  listsOlderSnapshot,
  type ReferenceTime,
  notListed,
  verifyAnchor,
  verifyNextRoot,
  verifySnapshot,
  verifyTargets,
  verifyTimestamp,
} from '../verify/verify-metadata.ts';

const timestampFile = 'timestamp.json';

/** The sources of metadata. */
interface Sources {
  readonly cache: MetadataCache;
  /** `undefined` when offline. */
  readonly fetch: Fetch | undefined;
}

/** @returns `undefined` for a file that the repository does not have */
type Fetch = (file: string, maxBytes: number, signal?: AbortSignal) => Promise<Uint8Array | undefined>;

export interface RefreshOptions extends Sources {
  readonly anchor: Uint8Array;
  /** For Sigstore identities among the keys. @defaultValue none of them counts */
  readonly identities?: IdentityVerifier;
  /** Spec 5.1: fixed for the whole walk. `-Infinity` ignores expiry. */
  readonly now: ReferenceTime;
}

/** Verified metadata, from the anchor to the top-level targets. */
export interface TrustedMetadata {
  readonly root: Root;
  readonly timestamp: Timestamp;
  readonly snapshot: Snapshot;
  readonly targets: Targets;
  /** Loads a role with the keys of its delegator (spec 5.6). */
  loadDelegatedRole(role: string, delegator: Delegator): Promise<Targets>;
  /** The same metadata, with roles loaded from other sources, so that each lookup has its own signal. */
  from(sources: Sources): TrustedMetadata;
}

export interface Delegator {
  readonly keys: ReadonlyMap<string, RawKey>;
  readonly signers: RoleKeys;
}

/**
 * The TUF client workflow from the anchor on (spec 5.2 to 5.6). Verified files are saved while the next one is being
 * fetched. All of them are saved when this function ends, even if it fails.
 */
export async function refreshMetadata(options: RefreshOptions): Promise<TrustedMetadata> {
  const { cache, settled } = writeBehind(options.cache);
  const stop = new AbortController();
  try {
    const metadata = await walk({ ...options, cache }, stop.signal);
    await settled();
    return metadata.from(options);
  } catch (error) {
    // The error of the walk explains more than one of the disk.
    await settled().catch(() => undefined);
    throw error;
  } finally {
    stop.abort();
  }
}

/** `stop` is aborted when the response is no longer needed. */
async function walk(options: RefreshOptions, stop: AbortSignal): Promise<TrustedMetadata> {
  const { cache } = options;
  // Read before the first fetch: files that another process saves meanwhile do not make the fetched ones a rollback.
  const seen = { timestamp: await cache.read(timestampFile), snapshot: await cache.read('snapshot.json') };
  // A first check has to fetch every root since the app was built, so it requests one file after the other.
  const prefetching =
    seen.timestamp.length === 0 ? options : { ...options, fetch: prefetchTimestamp(options.fetch, stop) };
  const chain = await updateRoot(prefetching);
  const root = chain.at(-1) as Root;
  const timestamp = await updateTimestamp(prefetching, chain, seen);
  const snapshot = await updateSnapshot(options, root, timestamp, seen.snapshot);
  const loaded: LoadedRoles = new Map();
  let loadedBytes = 0;
  const loadFrom =
    (sources: Sources): TrustedMetadata['loadDelegatedRole'] =>
    (role, delegator) =>
      loadOnce(loaded, role, delegator, async () => {
        if (loadedBytes > maxRoleBytes) throw tooManyRoles(role);
        const targets = await updateTargets({ ...options, ...sources }, root, snapshot, role, delegator);
        loadedBytes += targets.size;
        return targets;
      });
  const targets = await loadFrom(options)('targets', { keys: root.keys, signers: root.roles.targets });
  const from = (sources: Sources): TrustedMetadata => ({
    root,
    timestamp,
    snapshot,
    targets,
    loadDelegatedRole: loadFrom(sources),
    from,
  });
  return from(options);
}

/**
 * Requests the timestamp together with the first root. There is hardly ever a newer root, so this saves a round trip.
 * The timestamp is still verified after the roots (spec 5.3 before 5.4).
 */
function prefetchTimestamp(fetch: RefreshOptions['fetch'], stop: AbortSignal): RefreshOptions['fetch'] {
  if (fetch === undefined) return undefined;
  let timestamp: Promise<Uint8Array | undefined> | undefined;
  return (file, maxBytes) => {
    if (file === timestampFile && timestamp !== undefined) return timestamp;
    const response = fetch(file, maxBytes);
    timestamp ??= fetch(timestampFile, limits.timestamp.bytes, stop);
    // If a root fails, the timestamp is never awaited.
    timestamp.catch(() => undefined);
    return response;
  };
}

/** Roles that were loaded or are being loaded, by delegator and name. */
type LoadedRoles = Map<Delegator['keys'], Map<string, Promise<Targets>>>;

/**
 * Concurrent lookups load a role once. After a failure, the next lookup tries again. After a cancellation, the other
 * lookups do.
 */
function loadOnce(
  loaded: LoadedRoles,
  role: string,
  { keys }: Delegator,
  load: () => Promise<Targets>,
): Promise<Targets> {
  const roles = loaded.get(keys) ?? new Map<string, Promise<Targets>>();
  loaded.set(keys, roles);
  const loading = roles.get(role)?.catch(whenCancelled(load)) ?? load();
  roles.set(role, loading);
  loading.catch(() => {
    if (roles.get(role) === loading) roles.delete(role);
  });
  return loading;
}

function whenCancelled<T>(work: () => Promise<T>): (error: unknown) => Promise<T> {
  return async (error) => {
    if (error instanceof UpdateError && error.code === 'CANCELLED') return work();
    throw error;
  };
}

/**
 * Spec 5.3: walks the stored chain again from the anchor, then fetches and saves every newer root.
 * @returns the whole chain; its last root is the trusted one
 */
async function updateRoot({ anchor, identities, cache, now, fetch }: RefreshOptions): Promise<readonly Root[]> {
  let root = await verifyAnchor(anchor, identities);
  const chain = [root];
  for (let fetched = 0; fetched < maxRotations;) {
    const file = `${root.version + 1}.root.json`;
    const current = root;
    const [stored] = await validCopies(await cache.read(file), (bytes) => verifyNextRoot(current, bytes));
    if (stored !== undefined) {
      root = stored.metadata;
      chain.push(root);
      continue;
    }
    const bytes = await fetch?.(file, limits.root.bytes);
    if (bytes === undefined) break;
    root = await verifyNextRoot(root, bytes);
    chain.push(root);
    await cache.save(file, bytes);
    fetched++;
  }
  assertNotExpired(root, 'root', now);
  return chain;
}

/**
 * Spec 5.4. The last seen timestamp is the newest copy that still verifies, so a rotated key discards it (spec 5.3.11).
 */
async function updateTimestamp(
  { cache, now, fetch }: RefreshOptions,
  chain: readonly Root[],
  stored: { readonly timestamp: Copies; readonly snapshot: Copies },
): Promise<Timestamp> {
  const root = chain.at(-1) as Root;
  const verify = (bytes: Uint8Array): Promise<Timestamp> => verifyTimestamp(root, bytes);
  const seen = await newestValid(stored.timestamp, verify);
  if (fetch === undefined) return seen?.metadata ?? missing('timestamp');
  const bytes = await fetch(timestampFile, limits.timestamp.bytes);
  if (bytes === undefined) return missing('timestamp');
  const offered = await verify(bytes);
  if (seen !== undefined) {
    assertTimestampNotOlder(offered, seen.metadata);
    const refusal = listsOlderSnapshot(offered, seen.metadata);
    if (refusal !== undefined && !(await isFastForwardRecovery(stored.snapshot, chain))) throw refusal;
  }
  const isNew = offered.version !== seen?.metadata.version;
  const timestamp = isNew ? offered : (seen?.metadata ?? offered);
  assertNotExpired(timestamp, 'timestamp', now);
  if (isNew) await cache.save(timestampFile, bytes, hasNewerTimestamp(root, offered));
  return timestamp;
}

/** Spec 5.5. */
async function updateSnapshot(
  { cache, now, fetch }: RefreshOptions,
  root: Root,
  { snapshot: meta }: Timestamp,
  stored: Copies,
): Promise<Snapshot> {
  const verify = (bytes: Uint8Array): Promise<Snapshot> => verifySnapshot(root, bytes);
  const seen = await newestValid(stored, verify);
  if (seen?.metadata.version === meta.version && isListed(seen.bytes, 'snapshot', meta)) {
    assertNotExpired(seen.metadata, 'snapshot', now);
    return seen.metadata;
  }
  const file = root.consistentSnapshot ? `${meta.version}.snapshot.json` : 'snapshot.json';
  const bytes = await fetchListed(fetch, file, 'snapshot', 'snapshot', meta);
  if (bytes === undefined) return missing('snapshot', meta.version);
  assertListedBytes(bytes, 'snapshot', meta);
  const snapshot = await verify(bytes);
  assertListedSnapshot(snapshot, meta);
  if (seen !== undefined) assertSnapshotNotOlder(snapshot, seen.metadata);
  assertNotExpired(snapshot, 'snapshot', now);
  await cache.save('snapshot.json', bytes, hasNewerSnapshot(cache, root, meta));
  return snapshot;
}

/** Spec 5.6, for the top-level role and delegated roles. */
async function updateTargets(
  { cache, now, fetch }: RefreshOptions,
  root: Root,
  snapshot: Snapshot,
  role: string,
  delegator: Delegator,
): Promise<Targets> {
  const meta = snapshot.meta.get(`${role}.json`);
  if (meta === undefined) return missing(role);
  const verify = (bytes: Uint8Array, listed = meta): Promise<Targets> =>
    verifyTargets(root, bytes, role, listed, delegator);
  const [stored] = await validCopies(await cache.read(roleFile(role)), (bytes) => verify(bytes));
  if (stored !== undefined) {
    assertNotExpired(stored.metadata, role, now);
    return stored.metadata;
  }
  const name = `${encodeURIComponent(role)}.json`;
  const file = root.consistentSnapshot ? `${meta.version}.${name}` : name;
  const bytes = await fetchListed(fetch, file, role, 'targets', meta);
  if (bytes === undefined) return missing(role, meta.version);
  const targets = await verify(bytes);
  assertNotExpired(targets, role, now);
  await cache.save(roleFile(role), bytes, hasNewerRole(cache, root, role, meta, verify));
  return targets;
}

/** A listed length is the most that is read (spec 5.5.1, 5.6.1). A longer file is another file. */
async function fetchListed(
  fetch: RefreshOptions['fetch'],
  file: string,
  role: string,
  kind: MetadataKind,
  { length = Infinity }: MetaFile,
): Promise<Uint8Array | undefined> {
  const limit = limits[kind].bytes;
  try {
    return await fetch?.(file, Math.min(length, limit));
  } catch (error) {
    const isLonger = length <= limit && error instanceof UpdateError && error.code === 'TRUST_TOO_LARGE';
    throw isLonger ? notListed(role, error) : error;
  }
}

function tooManyRoles(role: string): UpdateError {
  return new UpdateError(
    'TRUST_TOO_LARGE',
    `The roles that lead to a file have more than ${maxRoleBytes} bytes together. Nothing was changed. If this lasts, tell the app's publisher.`,
    { details: { role: truncateName(role) } },
  );
}

function missing(role: string, version?: number): never {
  throw new UpdateError(
    'TRUST_FILE_MISSING',
    `The ${truncateName(role)} metadata is missing from the repository. Try again later. If this lasts, the publisher's repository needs attention.`,
    { details: { role: truncateName(role), ...omitUndefined({ version }) } },
  );
}
