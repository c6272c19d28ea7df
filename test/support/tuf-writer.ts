import { createHash } from 'node:crypto';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import type { Delegation } from '../../src/repository/tuf/delegation.ts';
import { roleForPath } from '../../src/repository/tuf/delegation.ts';
import { dayMs } from '../../src/shared/durations.ts';
import { type JsonObject, tufTime } from '../../src/repository/tuf/json.ts';
import { generateSigningKey, type RoleSigningKey } from '../../src/repository/tuf/keys.ts';
import { decodeRole, readRoot } from '../../src/repository/tuf/read.ts';
import { rootRole } from '../../src/repository/tuf/root.ts';
import { encodeRole, type SignedRole, signRole } from '../../src/repository/tuf/sign.ts';
import type { RepositoryState, RootState } from '../../src/repository/tuf/state.ts';
import type { TargetInfo } from '../../src/repository/tuf/targets.ts';
import {
  createRepository,
  type MetadataFile,
  placeTargets,
  replaceRoot,
  resignEverything,
  signChanges,
  type Written,
} from '../../src/repository/tuf/sign-changes.ts';
import { consistentName } from '../../src/shared/target-path.ts';

/** A file to publish, with what its metadata says beside length and hashes. */
export interface TargetFile {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly custom?: JsonObject;
}

export interface WriterOptions {
  /** Hash bins: 2 to the power of this. @defaultValue 2 */
  readonly bitLength?: number;
  /** Roles with path globs instead of hash bins, given the online key. */
  readonly delegation?: (online: RoleSigningKey) => Delegation;
  /** Milliseconds since the epoch, for expiry. @defaultValue the device's clock */
  readonly now?: () => number;
}

/** What a new root may say otherwise than the one before. */
export interface RootChange {
  readonly rootKeys?: readonly RoleSigningKey[];
  readonly threshold?: number;
  /** Another online key: everything is signed again with it. */
  readonly online?: RoleSigningKey;
  /** Who signs the new root. @defaultValue the old and the new root keys */
  readonly signers?: readonly RoleSigningKey[];
  readonly expires?: string;
}

/**
 * Writes a repository of RSTUF's shape into a directory, through the embedded repository's own pure writer: root
 * threshold 2, one online key, hash bins, consistent snapshot. It holds every key, so a test can be honest or not:
 * {@link TufWriter.forge} signs anything, {@link TufWriter.save} and {@link TufWriter.restore} replay the past.
 */
export interface TufWriter {
  /** Metadata, as a web server serves it. */
  readonly metadata: string;
  /** Targets under their consistent names, as a web server serves them. */
  readonly content: string;
  /** The first root. */
  readonly anchor: Uint8Array;
  keys(): { readonly root: readonly RoleSigningKey[]; readonly online: RoleSigningKey };
  /** Adds or replaces targets: content first, then metadata, the timestamp last. */
  publish(...files: readonly TargetFile[]): Promise<void>;
  remove(...paths: readonly string[]): Promise<void>;
  /** New versions of all online roles with nothing changed; `expires` as TUF writes it. */
  renew(expires?: string): Promise<void>;
  rotate(change?: RootChange): Promise<void>;
  /** The current file of `root`, `timestamp`, `snapshot`, `targets`, or of the role that lists a target path. */
  fileOf(role: string): string;
  /** Changes a metadata file in place, signed by `signers`. @defaultValue the online key */
  forge(name: string, change: (signed: JsonObject) => JsonObject, signers?: readonly RoleSigningKey[]): Promise<void>;
  /** Changes a metadata file in place, signatures and all. */
  edit(name: string, change: (role: SignedRole) => unknown): Promise<void>;
  /** Copies metadata and content, and the writer's own memory of them. The result puts them back. */
  save(): Promise<() => Promise<void>>;
}

/** Far enough for every test: RSTUF's own day would do. */
const lifetime = 30 * dayMs;

export async function createTufWriter(directory: string, options: WriterOptions = {}): Promise<TufWriter> {
  const { now = Date.now, bitLength = 2 } = options;
  const [metadata, content] = [join(directory, 'metadata'), join(directory, 'content')];
  await Promise.all([metadata, content].map((path) => mkdir(path, { recursive: true })));
  let rootKeys: readonly RoleSigningKey[] = [generateSigningKey({ name: 'R1' }), generateSigningKey({ name: 'R2' })];
  let online = generateSigningKey({ name: 'online' });
  let state: RepositoryState;

  const signer = (expires = tufTime(now() + lifetime)): { key: RoleSigningKey; expires: () => string } => ({
    key: online,
    expires: () => expires,
  });
  const apply = async (written: Written): Promise<void> => {
    await writeFiles(metadata, written.files);
    state = written.state;
  };
  const makeRoot = (version: number, change: RootChange, signers: readonly RoleSigningKey[]): RootState => {
    const onlineRole = { keys: [online], threshold: 1 };
    const signed = rootRole({
      version,
      expires: change.expires ?? tufTime(now() + lifetime),
      root: { keys: rootKeys, threshold: change.threshold ?? rootKeys.length },
      timestamp: onlineRole,
      snapshot: onlineRole,
      targets: onlineRole,
    });
    return readRoot(signRole(signed, signers));
  };
  const edit: TufWriter['edit'] = async (name, change) => {
    const path = join(metadata, name);
    await writeFile(path, encodeRole(change(decodeRole(await readFile(path))) as SignedRole));
  };

  const bins: Delegation = { type: 'hash-bins', bins: { bitLength, namePrefix: 'bins', keys: [online], threshold: 1 } };
  await apply(createRepository(makeRoot(1, {}, rootKeys), options.delegation?.(online) ?? bins, signer()));

  return {
    metadata,
    content,
    anchor: await readFile(join(metadata, '1.root.json')),
    keys: () => ({ root: rootKeys, online }),
    async publish(...files) {
      for (const { path, bytes } of files) {
        const file = join(content, consistentName(path, sha('sha256', bytes)));
        await mkdir(dirname(file), { recursive: true });
        await writeFile(file, bytes);
      }
      const changes = new Map(files.map((file) => [file.path, infoOf(file)]));
      await apply(signChanges(state, placeTargets(state, changes), signer()));
    },
    async remove(...paths) {
      const changes = new Map(paths.map((path) => [path, undefined]));
      await apply(signChanges(state, placeTargets(state, changes), signer()));
    },
    async renew(expires) {
      await apply(resignEverything(state, signer(expires)));
    },
    async rotate(change = {}) {
      const signers = change.signers ?? [...new Set([...rootKeys, ...(change.rootKeys ?? [])])];
      rootKeys = change.rootKeys ?? rootKeys;
      online = change.online ?? online;
      await apply(replaceRoot(state, makeRoot(state.root.version + 1, change, signers), signer()));
    },
    fileOf(role) {
      if (role === 'timestamp') return 'timestamp.json';
      if (role === 'root' || role === 'snapshot' || role === 'targets') return `${state[role].version}.${role}.json`;
      const name = roleForPath(state.targets.delegation, role) ?? role;
      return `${state.delegated.get(name)?.version}.${name}.json`;
    },
    edit,
    forge: (name, change, signers = [online]) => edit(name, ({ signed }) => signRole(change(signed), signers)),
    async save() {
      const copy = `${directory}.saved-${state.timestamp.version}`;
      await cp(directory, copy, { recursive: true });
      const memory = { state, rootKeys, online };
      return async () => {
        await Promise.all([metadata, content].map((path) => rm(path, { recursive: true })));
        await cp(copy, directory, { recursive: true });
        ({ state, rootKeys, online } = memory);
      };
    },
  };
}

function infoOf({ bytes, custom }: TargetFile): TargetInfo {
  const hashes = { sha256: sha('sha256', bytes), sha512: sha('sha512', bytes) };
  return { length: bytes.length, hashes, ...(custom === undefined ? {} : { custom }) };
}

async function writeFiles(directory: string, files: readonly MetadataFile[]): Promise<void> {
  for (const { name, bytes } of files) await writeFile(join(directory, name), bytes);
}

function sha(algorithm: 'sha256' | 'sha512', bytes: Uint8Array): string {
  return createHash(algorithm).update(bytes).digest('hex');
}
