import { Metadata, MetadataKind } from '@tufjs/models';
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';

import { type Delegation, delegatedRoleNames, roleForPath } from './delegation.ts';
import type { JsonObject } from './json.ts';
import { signingKeyFromSeed } from './keys.ts';
import { decodeRole, readDelegated, readRoot, readSnapshot, readTimestamp, readTopTargets } from './read.ts';
import { rootRole } from './root.ts';
import { encodeRole, signRole } from './sign.ts';
import { type TargetInfo, targetsRole } from './targets.ts';
import { createRepository, placeTargets, replaceRoot, signChanges, type Written } from './sign-changes.ts';

const fixtures = resolve(import.meta.dirname, '../../../test/fixtures/rstuf/metadata');
const rootKeys = [1, 2].map((seed) => signingKeyFromSeed(new Uint8Array(32).fill(seed), { name: `R${seed}` }));
const online = signingKeyFromSeed(new Uint8Array(32).fill(3), { name: 'online', onlineUri: 'fn:online.pem' });
const online2 = signingKeyFromSeed(new Uint8Array(32).fill(4), { name: 'online2', onlineUri: 'fn:online2.pem' });
const expires = '2046-11-17T19:29:30Z';
const info: TargetInfo = { length: 3, hashes: { sha256: 'ab'.repeat(32), sha512: 'cd'.repeat(64) } };

const bins: Delegation = {
  type: 'hash-bins',
  bins: { bitLength: 2, namePrefix: 'bins', keys: [online], threshold: 1 },
};
const roles: Delegation = {
  type: 'paths',
  roles: [{ name: 'notes', paths: ['notes/*/*'], terminating: true, expireDays: 1, keys: [online], threshold: 1 }],
};

describe('the layout of a metadata file', () => {
  let names: readonly string[];
  beforeAll(async () => {
    names = await readdir(fixtures);
  });

  it('equals that of a real RSTUF, byte for byte', async () => {
    for (const name of names) {
      const bytes = await readFile(join(fixtures, name));
      expect(Buffer.from(encodeRole(decodeRole(bytes))).equals(bytes), name).toBe(true);
    }
    expect(names.length).toBeGreaterThan(15);
  });

  it('has the keys of the real files, role by role', async () => {
    const added = add(create(bins), 'notes/1.0.0/app');
    const rotated = replaceRoot(added.state, root(2, online2), { key: online2, expires: () => expires });
    const ours = new Map([...create(bins).files, ...added.files, ...rotated.files].map((file) => [file.name, file]));
    for (const name of ['1.root.json', '2.root.json', 'timestamp.json', '1.snapshot.json', '1.targets.json']) {
      const real = JSON.parse(await readFile(join(fixtures, name), 'utf8')) as JsonObject;
      const written = JSON.parse(Buffer.from(ours.get(name)?.bytes ?? []).toString()) as JsonObject;
      expect(shape(written), name).toEqual(shape(real));
    }
  });

  it('describes a target like the real files', async () => {
    const real = decodeRole(await readFile(join(fixtures, '2.bins-0.json')));
    expect(targetsRole(readDelegated(real))).toEqual(real.signed);
  });
});

describe('hash bins', () => {
  it('are named and chosen according to TAP 15', async () => {
    const file = decodeRole(await readFile(join(fixtures, '2.targets.json')));
    const model = Metadata.fromJSON(MetadataKind.Targets, JSON.parse(JSON.stringify(file)) as never);
    const delegations = model.signed.delegations;
    const { delegation } = readTopTargets(file);
    const paths = Array.from({ length: 200 }, (_, index) => `app/file-${index}`);
    expect(paths.map((path) => roleForPath(delegation, path))).toEqual(
      paths.map((path) => delegations?.succinctRoles?.getRoleForTarget(path)),
    );
    expect(delegatedRoleNames(delegation)).toEqual([...(delegations?.succinctRoles?.getRoles() ?? [])]);
  });
});

describe('a repository', () => {
  it('writes role files first, then snapshot, then timestamp', () => {
    const created = create(bins);
    expect(created.files.map((file) => file.name)).toEqual([
      '1.root.json',
      '1.bins-0.json',
      '1.bins-1.json',
      '1.bins-2.json',
      '1.bins-3.json',
      '1.targets.json',
      '1.snapshot.json',
      'timestamp.json',
    ]);
    expect(add(created, 'notes/1.0.0/app').files.map((file) => file.name)).toEqual([
      '2.bins-3.json',
      '2.snapshot.json',
      'timestamp.json',
    ]);
  });

  it.each([
    ['hash bins', bins],
    ['roles with paths', roles],
  ])('reads back what it wrote: %s', (_what, delegation) => {
    const { state, files } = add(create(delegation), 'notes/1.0.0/app');
    const file = (name: string): ReturnType<typeof decodeRole> =>
      decodeRole(
        [...create(delegation).files, ...files].findLast((one) => one.name === name)?.bytes ?? new Uint8Array(),
      );
    const { snapshotVersion, ...timestamp } = readTimestamp(file('timestamp.json'));
    const { versions, ...snapshot } = readSnapshot(file(`${snapshotVersion}.snapshot.json`));
    const delegated = delegatedRoleNames(delegation).map((name) => {
      return [name, readDelegated(file(`${versions.get(name)}.${name}.json`))] as const;
    });
    const publicOnly = JSON.parse(JSON.stringify({ ...state, delegated: [...state.delegated] })) as object;
    expect(
      JSON.parse(
        JSON.stringify({
          root: readRoot(file('1.root.json')),
          timestamp,
          snapshot,
          targets: readTopTargets(file('1.targets.json')),
          delegated,
        }),
      ),
    ).toEqual(withoutPrivateKeys(publicOnly));
  });

  it('reports the paths that no role covers', () => {
    const placed = placeTargets(create(roles).state, new Map([['other/1.0.0/app', info]]));
    expect(placed).toEqual({ delegated: new Map(), uncovered: ['other/1.0.0/app'] });
  });

  it('signs everything again when the online key changes', () => {
    const created = create(bins);
    const rotated = replaceRoot(created.state, root(2, online2), { key: online2, expires: () => expires });
    const signers = rotated.files.slice(1).map((file) => decodeRole(file.bytes).signatures.map((one) => one.keyid));
    expect({ names: rotated.files.map((file) => file.name), signers: new Set(signers.flat()) }).toEqual({
      names: [
        '2.root.json',
        '2.bins-0.json',
        '2.bins-1.json',
        '2.bins-2.json',
        '2.bins-3.json',
        '2.targets.json',
        '2.snapshot.json',
        'timestamp.json',
      ],
      signers: new Set([online2.keyid]),
    });
  });
});

function root(version: number, onlineKey: typeof online): ReturnType<typeof readRoot> {
  const role = { keys: [onlineKey], threshold: 1 };
  const data = {
    version,
    expires,
    root: { keys: rootKeys, threshold: 2 },
    timestamp: role,
    snapshot: role,
    targets: role,
  };
  return readRoot(signRole(rootRole(data), rootKeys));
}

function create(delegation: Delegation): Written {
  return createRepository(root(1, online), delegation, { key: online, expires: () => expires });
}

function add({ state }: Written, path: string): Written {
  const { delegated } = placeTargets(state, new Map([[path, info]]));
  return signChanges(state, { delegated }, { key: online, expires: () => expires });
}

/** The key structure of a JSON value: values by type, key ids and numbers alike. */
function shape(value: unknown): unknown {
  if (Array.isArray(value)) return [...new Set(value.map((item) => JSON.stringify(shape(item))))];
  if (typeof value !== 'object' || value === null) return value === null ? 'null' : typeof value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, item]) => [/^[0-9a-f]{64}$/.test(key) ? 'KEYID' : key, shape(item)] as const)
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );
}

function withoutPrivateKeys(state: object): unknown {
  return JSON.parse(JSON.stringify(state, (key, value: unknown) => (key === 'privateKey' ? undefined : value)));
}
