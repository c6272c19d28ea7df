import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { findTarget } from '../../src/main/trust/tuf/workflow/find-target.ts';
import { refreshMetadata, type TrustedMetadata } from '../../src/main/trust/tuf/workflow/refresh.ts';
import { dayMs } from '../../src/shared/durations.ts';
import { type JsonObject, specVersion, tufTime } from '../../src/repository/tuf/json.ts';
import { generateSigningKey, keysJson, type RoleSigningKey } from '../../src/repository/tuf/keys.ts';
import { roleJson, rootRole } from '../../src/repository/tuf/root.ts';
import { sealRole } from '../../src/repository/tuf/sign.ts';
import { binnedRepository } from '../support/binned-repository.ts';
import { coded } from '../support/world.ts';

const memory = { read: () => Promise.resolve([]), save: () => Promise.resolve() };

function open(files: ReadonlyMap<string, Uint8Array>, now = Date.now()): Promise<TrustedMetadata> {
  const anchor = files.get('1.root.json') ?? Buffer.alloc(0);
  return refreshMetadata({ anchor, cache: memory, now, fetch: (name) => Promise.resolve(files.get(name)) });
}

const common = { spec_version: specVersion, version: 1, expires: tufTime(Date.now() + 30 * dayMs) };
const [online, ann, bob] = ['online', 'ann', 'bob'].map((name) => generateSigningKey({ name })) as [
  RoleSigningKey,
  RoleSigningKey,
  RoleSigningKey,
];
const listing = (path: string, length: number): JsonObject => ({
  ...common,
  _type: 'targets',
  targets: { [path]: { length, hashes: { 'blake2b-256': 'ab', sha512: 'a'.repeat(128) } } },
});

interface Delegated {
  readonly name: string;
  readonly fields: JsonObject;
  readonly keys?: readonly RoleSigningKey[];
  readonly signers?: readonly RoleSigningKey[];
  readonly threshold?: number;
  readonly terminating?: boolean;
  readonly lists: readonly [path: string, length: number];
}

/** A repository whose targets role delegates to these roles, in this order. */
function delegating(...roles: readonly Delegated[]): ReadonlyMap<string, Uint8Array> {
  const keysOf = ({ keys = [online] }: Delegated): readonly RoleSigningKey[] => keys;
  const one = { keys: [online], threshold: 1 };
  const root = rootRole({
    version: 1,
    expires: common.expires,
    root: one,
    timestamp: one,
    snapshot: one,
    targets: one,
  });
  const delegations: JsonObject = {
    keys: keysJson(roles.flatMap(keysOf)),
    roles: roles.map((role) => ({
      ...roleJson({ keys: keysOf(role), threshold: role.threshold ?? 1 }),
      ...role.fields,
      name: role.name,
      terminating: role.terminating ?? false,
    })),
  };
  const meta = Object.fromEntries(
    ['targets', ...roles.map(({ name }) => name)].map((name) => [`${name}.json`, { version: 1 }]),
  );
  const seal = (signed: JsonObject): Uint8Array => sealRole(signed, [online]);
  return new Map<string, Uint8Array>([
    ...roles.map(
      (role) => [`1.${role.name}.json`, sealRole(listing(...role.lists), role.signers ?? keysOf(role))] as const,
    ),
    ['1.root.json', seal(root)],
    ['timestamp.json', seal({ ...common, _type: 'timestamp', meta: { 'snapshot.json': { version: 1 } } })],
    ['1.snapshot.json', seal({ ...common, _type: 'snapshot', meta })],
    ['1.targets.json', seal({ ...common, _type: 'targets', targets: {}, delegations })],
  ]);
}

async function look(files: ReadonlyMap<string, Uint8Array>, path: string): Promise<number | string | undefined> {
  return coded(async () => (await findTarget(await open(files), path))?.signed.length);
}

describe('hash bins (TAP 15)', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14])('2^%i of them', async (bits) => {
    const { metadata, path } = binnedRepository(bits, 1);
    expect(await look(metadata, path)).toBe(80_000_000);
  });
});

describe('delegated roles', () => {
  it('with path_hash_prefixes', async () => {
    const prefixes = Array.from('0123456789abcdef');
    const all = delegating({ name: 'all', fields: { path_hash_prefixes: prefixes }, lists: ['a/b', 1] });
    const none = delegating({ name: 'none', fields: { path_hash_prefixes: ['zz'] }, lists: ['a/b', 1] });
    expect([await look(all, 'a/b'), await look(none, 'a/b')]).toEqual([1, undefined]);
  });

  it('signed offline by a threshold of two', async () => {
    const stable = (signers: readonly RoleSigningKey[]): ReadonlyMap<string, Uint8Array> =>
      delegating({
        name: 'stable',
        fields: { paths: ['s/*'] },
        keys: [ann, bob],
        threshold: 2,
        signers,
        lists: ['s/1', 1],
      });
    expect({
      bothSigned: await look(stable([ann, bob]), 's/1'),
      oneSigned: await look(stable([ann]), 's/1'),
      onlineSigned: await look(stable([online]), 's/1'),
    }).toEqual({
      bothSigned: 1,
      oneSigned: 'TRUST_UNSIGNED',
      onlineSigned: 'TRUST_UNSIGNED',
    });
  });

  it('that are terminating or not', async () => {
    const first = { name: 'first', fields: { paths: ['a/*'] }, lists: ['a/other', 1] } as const;
    const second = { name: 'second', fields: { paths: ['a/*'] }, lists: ['a/b', 2] } as const;
    expect([
      await look(delegating(first, second), 'a/b'),
      await look(delegating({ ...first, terminating: true }, second), 'a/b'),
    ]).toEqual([2, undefined]);
  });

  it.each(['root', 'timestamp', 'snapshot', 'targets', ''])('cannot be called %j', async (name) => {
    expect(await look(delegating({ name, fields: { paths: ['*'] }, lists: ['a', 1] }), 'a')).toBe('TRUST_MALFORMED');
  });

  it('trap 16: one key under two key ids does not meet a threshold of two', async () => {
    const twin = { ...ann, keyid: 'f'.repeat(64) };
    const files = delegating({ name: 'x', fields: { paths: ['*'] }, keys: [ann, twin], threshold: 2, lists: ['a', 1] });
    expect(await look(files, 'a')).toBe('TRUST_UNSIGNED');
  });

  it('trap 18: a role without a signature is refused with a code', async () => {
    const files = delegating({ name: 'x', fields: { paths: ['*'] }, signers: [], lists: ['a', 1] });
    expect(await look(files, 'a')).toBe('TRUST_UNSIGNED');
  });

  it.each(['constructor', 'toString', '__proto__', 'hasOwnProperty'])('trap 9: do not list %s', async (path) => {
    expect(await look(delegating({ name: 'x', fields: { paths: ['*'] }, lists: ['a', 1] }), path)).toBeUndefined();
  });

  it('trap 10: signatures cover the received bytes, including unknown members and integer-like names', async () => {
    const files = new Map(delegating({ name: '7', fields: { paths: ['*'] }, lists: ['a', 1] }));
    const timestamp = { ...common, _type: 'timestamp', meta: { 'snapshot.json': { version: 1 }, 'x.json': { y: 1 } } };
    files.set('timestamp.json', sealRole({ ...timestamp, extra: { '10': 1, '9': 2 } }, [online]));
    expect(await look(files, 'a')).toBe(1);
  });
});

it("reads RSTUF's own metadata", async () => {
  const directory = join(import.meta.dirname, '../fixtures/rstuf/metadata');
  const names = await readdir(directory);
  const files = new Map(
    await Promise.all(names.map(async (name) => [name, await readFile(join(directory, name))] as const)),
  );
  const session = await open(files, -Infinity);
  expect({
    root: session.root.version,
    snapshot: session.snapshot.version,
    roles: session.snapshot.meta.size,
  }).toEqual({
    root: 2,
    snapshot: 3,
    roles: 5,
  });
});
