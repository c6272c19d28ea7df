import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

import { canonicalize } from '@tufjs/canonical-json';

import { specVersion } from '../../src/repository/tuf/json.ts';

/** JSON that a test may spoil. */
export type Draft = Record<string, unknown>;

/** A key of any kind that TUF knows, with its private half. */
export interface AnyKey {
  readonly keyid: string;
  readonly json: Draft;
  sign(bytes: Uint8Array): string;
}

/** How a role is signed, and what is done to it before. */
export interface RolePlan {
  /** Changes what is signed. @defaultValue nothing */
  readonly change?: (signed: Draft) => void;
  /** Changes the signatures. @defaultValue nothing */
  readonly resign?: (signatures: Draft[]) => Draft[];
}

export type RoleName = 'root' | 'timestamp' | 'snapshot' | 'targets' | 'a' | 'b';

/** One state of a repository, every role of which can be changed and is signed again by the keys that should sign it. */
export interface RepositoryPlan {
  readonly rootVersion: number;
  readonly versions: Readonly<Record<Exclude<RoleName, 'root'>, number>>;
  readonly keys: Readonly<Record<'root' | 'timestamp' | 'snapshot' | 'targets' | 'a' | 'b', readonly AnyKey[]>>;
  readonly thresholds: Readonly<Record<'root' | 'timestamp' | 'snapshot' | 'targets' | 'a' | 'b', number>>;
  /** Who signed the root before: they sign this one too. */
  readonly oldRootKeys: readonly AnyKey[];
  readonly consistent: boolean;
  readonly announces: readonly ('length' | 'sha256' | 'sha512')[];
  readonly delegation: 'none' | 'roles' | 'prefixes' | 'bins';
  readonly terminating: boolean;
  readonly plans: Partial<Readonly<Record<RoleName, RolePlan>>>;
}

export function anyKey(kind: 'ed25519' | 'ecdsa' | 'rsa'): AnyKey {
  const { publicKey, privateKey } = pairOf(kind);
  const json = { ...forms[kind], keyval: { public: textOf(kind, publicKey) } };
  const keyid = createHash('sha256').update(canonicalize(json)).digest('hex');
  const how = kind === 'rsa' ? { key: privateKey, padding: 6 } : privateKey;
  return { keyid, json, sign: (bytes) => sign(kind === 'ed25519' ? null : 'sha256', bytes, how).toString('hex') };
}

const forms = {
  ed25519: { keytype: 'ed25519', scheme: 'ed25519' },
  ecdsa: { keytype: 'ecdsa', scheme: 'ecdsa-sha2-nistp256' },
  rsa: { keytype: 'rsa', scheme: 'rsassa-pss-sha256' },
} as const;

function pairOf(kind: 'ed25519' | 'ecdsa' | 'rsa'): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } {
  if (kind === 'ed25519') return generateKeyPairSync('ed25519');
  return kind === 'rsa'
    ? generateKeyPairSync('rsa', { modulusLength: 2048 })
    : generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
}

function textOf(kind: string, key: KeyObject): string {
  if (kind !== 'ed25519') return key.export({ type: 'spki', format: 'pem' }).toString();
  return Buffer.from(key.export({ format: 'jwk' }).x ?? '', 'base64url').toString('hex');
}

/** A repository of version 1 in every role, without delegations; these keys sign all of them. */
export function plainPlan(keys: readonly AnyKey[]): RepositoryPlan {
  return {
    rootVersion: 1,
    versions: { timestamp: 1, snapshot: 1, targets: 1, a: 1, b: 1 },
    keys: sameKeys(keys),
    thresholds: { root: 1, timestamp: 1, snapshot: 1, targets: 1, a: 1, b: 1 },
    oldRootKeys: [],
    consistent: true,
    announces: [],
    delegation: 'none',
    terminating: false,
    plans: {},
  };
}

/** The files of a repository, by the names under which a web server has them. */
export function writePlan(plan: RepositoryPlan): ReadonlyMap<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  const write = (role: RoleName, file: string, signed: Draft, keys: readonly AnyKey[]): Draft => {
    const { change, resign = (same: Draft[]): Draft[] => same } = plan.plans[role] ?? {};
    change?.(signed);
    const bytes = Buffer.from(canonicalize(signed));
    const signatures = keys.map((key) => ({ keyid: key.keyid, sig: key.sign(bytes) }));
    const written = Buffer.from(JSON.stringify({ signed, signatures: resign(signatures) }));
    files.set(file, written);
    return announcement(plan, role, written);
  };
  const name = (role: 'snapshot' | 'targets' | 'a' | 'b', file: string): string =>
    plan.consistent ? `${plan.versions[role]}.${file}.json` : `${file}.json`;
  const { keys, versions } = plan;
  const common = (role: Exclude<RoleName, 'root'>, type: string): Draft => commonOf(type, versions[role]);
  const meta: Draft = {};
  const delegated = delegatedNames(plan);
  for (const role of ['a', 'b'] as const) {
    const signed = { ...common(role, 'targets'), targets: { 'x/1': target(1), [`x/${role}`]: target(2) } };
    meta[`${delegated[role]}.json`] = write(role, name(role, delegated[role]), signed, keys[role]);
  }
  const targets = { ...common('targets', 'targets'), targets: { top: target(3) }, ...delegationsOf(plan) };
  meta['targets.json'] = write('targets', name('targets', 'targets'), targets, keys.targets);
  const snapshot = write(
    'snapshot',
    name('snapshot', 'snapshot'),
    { ...common('snapshot', 'snapshot'), meta },
    keys.snapshot,
  );
  const timestamp = { ...common('timestamp', 'timestamp'), meta: { 'snapshot.json': snapshot } };
  write('timestamp', 'timestamp.json', timestamp, keys.timestamp);
  const rootKeys = [...new Set([...plan.oldRootKeys, ...keys.root])];
  write('root', `${plan.rootVersion}.root.json`, rootOf(plan), rootKeys);
  return files;
}

function commonOf(type: string, version: number): Draft {
  return { _type: type, spec_version: specVersion, version, expires: '2040-01-01T00:00:00Z' };
}

function announcement(plan: RepositoryPlan, role: RoleName, bytes: Uint8Array): Draft {
  if (role === 'root' || role === 'timestamp') return {};
  const hashes = plan.announces.filter((one) => one !== 'length');
  const digest = (one: string): [string, string] => [one, createHash(one).update(bytes).digest('hex')];
  return {
    version: plan.versions[role],
    ...(plan.announces.includes('length') ? { length: bytes.length } : {}),
    ...(hashes.length > 0 ? { hashes: Object.fromEntries(hashes.map(digest)) } : {}),
  };
}

function target(length: number): Draft {
  return {
    length,
    hashes: { sha256: String(length).repeat(64), sha512: String(length).repeat(128) },
    custom: { n: 1 },
  };
}

function roleJson(keys: readonly AnyKey[], threshold: number): Draft {
  return { keyids: keys.map(({ keyid }) => keyid), threshold };
}

function keysJson(keys: readonly AnyKey[]): Draft {
  return Object.fromEntries(keys.map(({ keyid, json }) => [keyid, structuredClone(json)]));
}

function rootOf({ rootVersion, keys, thresholds, consistent }: RepositoryPlan): Draft {
  const roles = ['root', 'timestamp', 'snapshot', 'targets'] as const;
  return {
    ...commonOf('root', rootVersion),
    consistent_snapshot: consistent,
    keys: keysJson(roles.flatMap((role) => keys[role])),
    roles: Object.fromEntries(roles.map((role) => [role, roleJson(keys[role], thresholds[role])])),
  };
}

/** With one bit, a path is in the bin of the first bit of its hash. */
function delegatedNames({ delegation }: RepositoryPlan): Readonly<Record<'a' | 'b', string>> {
  return delegation === 'bins' ? { a: 'bin-0', b: 'bin-1' } : { a: 'a', b: 'b' };
}

function delegationsOf({ delegation, keys, thresholds, terminating }: RepositoryPlan): Draft {
  if (delegation === 'none') return {};
  if (delegation === 'bins') {
    const bins = { ...roleJson(keys.a, thresholds.a), bit_length: 1, name_prefix: 'bin' };
    return { delegations: { keys: keysJson(keys.a), succinct_roles: bins } };
  }
  const which = delegation === 'roles' ? { paths: ['x/*'] } : { path_hash_prefixes: Array.from('0123456789abcdef') };
  const roles = (['a', 'b'] as const).map((role) => ({
    name: role,
    ...roleJson(keys[role], thresholds[role]),
    terminating: role === 'a' && terminating,
    ...structuredClone(which),
  }));
  return { delegations: { keys: keysJson([...keys.a, ...keys.b]), roles } };
}

/** Every role is signed with the same keys. */
export function sameKeys(keys: readonly AnyKey[]): RepositoryPlan['keys'] {
  return { root: keys, timestamp: keys, snapshot: keys, targets: keys, a: keys, b: keys };
}
