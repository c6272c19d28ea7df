import type { TargetFile } from '@tufjs/models';

import { UpdateError } from '../../../shared/errors.ts';
import type { HttpClient } from '../../ports.ts';
import type { TrustStore } from '../contract.ts';
import { fetchWhole, type Traffic } from './metadata-fetch.ts';
import { EqualVersionError, MetadataKind, metadataError, type MetadataSet, openMetadataSet } from './seam.ts';

const caps = { root: 512_000, timestamp: 16_384, snapshot: 4_000_000, targets: 16_000_000 } as const;
const maxRotations = 1024;
const maxDelegations = 64;

/** One walk through the metadata: online, or offline over what is stored. */
export interface SessionOptions {
  readonly anchor: Uint8Array;
  readonly store: TrustStore;
  /** `undefined` offline. */
  readonly remote:
    { readonly http: HttpClient; readonly url: string; readonly signal: AbortSignal | undefined } | undefined;
  readonly traffic: Traffic;
}

export interface Session {
  readonly set: MetadataSet;
  find(path: string): Promise<TargetFile | undefined>;
}

/** TUF client workflow, spec 5.3 to 5.6, from the anchor on. */
export async function openSession(options: SessionOptions): Promise<Session> {
  const set = openMetadataSet(options.anchor);
  if (options.remote === undefined) Object.assign(set, { referenceTime: new Date(0) });
  await updateRoot(set, options);
  await updateTimestamp(set, options);
  await updateSnapshot(set, options);
  await loadTargets(set, options, MetadataKind.Targets, MetadataKind.Root);
  return { set, find: (path) => find(set, options, path) };
}

async function remoteFile(options: SessionOptions, name: string, cap: number): Promise<Uint8Array | undefined> {
  const { remote, traffic } = options;
  if (remote === undefined) return undefined;
  return fetchWhole(remote.http, new URL(name, remote.url).href, cap, traffic, remote.signal);
}

/** Spec 5.3: the stored chain is walked again from the anchor, then every newer root is fetched and kept. */
async function updateRoot(set: MetadataSet, options: SessionOptions): Promise<void> {
  for (let fetched = 0; fetched < maxRotations;) {
    const name = `${set.root.signed.version + 1}.root.json`;
    const stored = await options.store.read(name, caps.root);
    if (stored !== undefined && accepts(() => set.updateRoot(Buffer.from(stored)))) continue;
    const bytes = await remoteFile(options, name, caps.root);
    if (bytes === undefined) return;
    verified('root', () => set.updateRoot(Buffer.from(bytes)));
    await options.store.write(name, bytes);
    fetched += 1;
  }
}

/** Spec 5.4. */
async function updateTimestamp(set: MetadataSet, options: SessionOptions): Promise<void> {
  const stored = await options.store.read('timestamp.json', caps.timestamp);
  if (stored !== undefined) accepts(() => set.updateTimestamp(Buffer.from(stored)));
  const bytes = await remoteFile(options, 'timestamp.json', caps.timestamp);
  if (options.remote === undefined) return;
  if (bytes === undefined) throw missing('timestamp');
  try {
    verified('timestamp', () => set.updateTimestamp(Buffer.from(bytes)));
    await options.store.write('timestamp.json', bytes);
  } catch (error) {
    if (!(error instanceof EqualVersionError)) throw error;
    verified('timestamp', () => (set as unknown as { checkFinalTimestamp(): void }).checkFinalTimestamp());
  }
}

/** Spec 5.5. */
async function updateSnapshot(set: MetadataSet, options: SessionOptions): Promise<void> {
  const stored = await options.store.read('snapshot.json', caps.snapshot);
  if (stored !== undefined && accepts(() => set.updateSnapshot(Buffer.from(stored), true))) return;
  if (set.timestamp === undefined) throw missing('timestamp');
  const meta = set.timestamp.signed.snapshotMeta;
  const name = set.root.signed.consistentSnapshot ? `${meta.version}.snapshot.json` : 'snapshot.json';
  const bytes = await remoteFile(options, name, meta.length ?? caps.snapshot);
  if (bytes === undefined) throw missing('snapshot');
  verified('snapshot', () => set.updateSnapshot(Buffer.from(bytes)));
  await options.store.write('snapshot.json', bytes);
}

/** Spec 5.6. */
async function loadTargets(set: MetadataSet, options: SessionOptions, role: string, parent: string): Promise<void> {
  if (set.getRole(role) !== undefined) return;
  const file = `${encodeURIComponent(role)}.json`;
  const stored = await options.store.read(file, caps.targets);
  if (stored !== undefined && accepts(() => set.updateDelegatedTargets(Buffer.from(stored), role, parent))) return;
  const meta = set.snapshot?.signed.meta[`${role}.json`];
  if (meta === undefined) throw missing(role);
  const name = set.root.signed.consistentSnapshot ? `${meta.version}.${file}` : file;
  const bytes = await remoteFile(options, name, meta.length ?? caps.targets);
  if (bytes === undefined) throw missing(role);
  verified(role, () => set.updateDelegatedTargets(Buffer.from(bytes), role, parent));
  await options.store.write(file, bytes);
}

/** Spec 5.6.7: preorder depth-first search through the delegations. */
async function find(set: MetadataSet, options: SessionOptions, path: string): Promise<TargetFile | undefined> {
  const toVisit: { role: string; parent: string }[] = [{ role: MetadataKind.Targets, parent: MetadataKind.Root }];
  const visited = new Set<string>();
  while (visited.size <= maxDelegations) {
    const next = toVisit.pop();
    if (next === undefined) return undefined;
    if (visited.has(next.role)) continue;
    await loadTargets(set, options, next.role, next.parent);
    visited.add(next.role);
    const targets = set.getRole(next.role)?.signed;
    if (targets === undefined) continue;
    if (Object.hasOwn(targets.targets, path)) return targets.targets[path];
    const children: { role: string; parent: string }[] = [];
    for (const { role, terminating } of targets.delegations?.rolesForTarget(path) ?? []) {
      children.push({ role, parent: next.role });
      if (terminating) {
        toVisit.length = 0;
        break;
      }
    }
    toVisit.push(...children.reverse());
  }
  return undefined;
}

/** Stored metadata that does not verify any more is as if it were not there. */
function accepts(update: () => unknown): boolean {
  try {
    update();
    return true;
  } catch {
    return false;
  }
}

function verified(role: string, update: () => unknown): void {
  try {
    update();
  } catch (error) {
    throw metadataError(error, role);
  }
}

function missing(role: string): UpdateError {
  return new UpdateError('TRUST_SERVER', `The repository has no ${role} metadata. Try again later.`, {
    details: { role },
  });
}
