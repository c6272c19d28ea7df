import { describe, expect, it } from 'vitest';

import { createMemoryStore } from '../support/memory-store.ts';
import { anyKey, plainPlan, type RepositoryPlan, sameKeys, writePlan } from '../support/signed-world.ts';
import { type Contender, ourClient } from '../support/two-clients.ts';

const [one, two] = [anyKey('ed25519'), anyKey('ed25519')] as const;
const plan: RepositoryPlan = {
  ...plainPlan([one]),
  versions: { timestamp: 10, snapshot: 10, targets: 10, a: 10, b: 10 },
  announces: ['sha256'],
  delegation: 'roles',
};
type Versions = Partial<RepositoryPlan['versions']>;
const at = (base: RepositoryPlan, versions: Versions): RepositoryPlan => ({
  ...base,
  versions: { ...base.versions, ...versions },
});
/** A new root with other keys for roles. */
const rotate = (base: RepositoryPlan, ...roles: readonly (keyof RepositoryPlan['keys'])[]): RepositoryPlan => ({
  ...base,
  rootVersion: base.rootVersion + 1,
  keys: { ...base.keys, ...Object.fromEntries(roles.map((role) => [role, [two]])) },
});

const anchorOf = (first: RepositoryPlan): Uint8Array => writePlan(first).get('1.root.json') ?? Buffer.alloc(0);

/** The versions of a client after it looked at a state, or the code of the refusal. */
async function look(client: Contender, state: RepositoryPlan): Promise<string> {
  const files = writePlan(state);
  const { versions, reasons } = await client.check((name) => files.get(name), ['x/1']);
  return versions ?? reasons[0]?.split(' ')[0] ?? '';
}

describe('after a fast-forward (spec 5.3.11)', () => {
  const driven = at(plan, { timestamp: 1_000_000, snapshot: 1_000_000 });

  it.each<[string, RepositoryPlan, RepositoryPlan, string]>([
    ['both keys were rotated', driven, rotate(plan, 'timestamp', 'snapshot'), '2 10 10 10'],
    ['no key was rotated', driven, { ...plan, rootVersion: 2 }, 'TRUST_ROLLBACK'],
    [
      'only the timestamp was driven up, and its key rotated',
      at(plan, { timestamp: 99 }),
      rotate(plan, 'timestamp'),
      '2 10 10 10',
    ],
    [
      'only the snapshot was driven up, and its key rotated',
      at(plan, { snapshot: 99 }),
      at(rotate(plan, 'snapshot'), { timestamp: 11 }),
      '2 11 10 10',
    ],
    [
      'only the snapshot was driven up, and another key rotated',
      at(plan, { snapshot: 99 }),
      at(rotate(plan, 'targets'), { timestamp: 11 }),
      'TRUST_ROLLBACK',
    ],
  ])('a client comes back when it should: %s', async (_what, first, second, expected) => {
    const client = ourClient(anchorOf(first));
    await look(client, first);
    expect([await look(client, second), await look(client, second)]).toEqual([expected, expected]);
  });

  it('a damaged snapshot does not count as a key rotation', async () => {
    const store = createMemoryStore();
    const client = ourClient(anchorOf(plan), store);
    await look(client, at(plan, { snapshot: 99 }));
    store.files.set('snapshot.json', Buffer.from('{"signed":{},"signatures":[]}'));
    expect(await look(client, at(rotate(plan, 'snapshot'), { timestamp: 11 }))).toBe('TRUST_ROLLBACK');
  });
});

describe('a timestamp', () => {
  it('of the same version is ignored, whatever its content', async () => {
    const client = ourClient(anchorOf(plan));
    await look(client, plan);
    expect(await look(client, at(plan, { snapshot: 9 }))).toBe('1 10 10 10');
  });
});

describe('a snapshot', () => {
  const again = at({ ...plan, plans: { snapshot: { change: (signed) => void (signed['x'] = 1) } } }, { timestamp: 11 });

  it('that was signed again under the same version replaces the old one', async () => {
    const store = createMemoryStore();
    const client = ourClient(anchorOf(plan), store);
    await look(client, plan);
    const version = await look(client, again);
    expect([version, store.files.get('snapshot.json')]).toEqual([
      '1 11 10 10',
      writePlan(again).get('10.snapshot.json'),
    ]);
  });

  it.each(['timestamp.json', '11.snapshot.json', '11.targets.json'])(
    'of a slower process is no rollback, and leaves the files of a faster one alone that checks during its %s',
    async (during) => {
      const store = createMemoryStore();
      const [slow, fast] = [ourClient(anchorOf(plan), store), ourClient(anchorOf(plan), store)];
      await look(slow, plan);
      const newer = at(plan, { timestamp: 12, snapshot: 12, targets: 12 });
      const files = writePlan(at(plan, { timestamp: 11, snapshot: 11, targets: 11 }));
      const meanwhile: string[] = [];
      const { versions } = await slow.check(async (name) => {
        if (name === during) meanwhile.push(await look(fast, newer));
        return files.get(name);
      }, []);
      const kept = ['timestamp.json', 'snapshot.json', 'role.targets.json'].map((name) => store.files.get(name));
      const newest = ['timestamp.json', '12.snapshot.json', '12.targets.json'].map((name) =>
        writePlan(newer).get(name),
      );
      expect({
        versions,
        meanwhile,
        kept,
      }).toEqual({
        versions: '1 11 11 11',
        meanwhile: ['1 12 12 12'],
        kept: newest,
      });
    },
  );
});

describe('a root', () => {
  it.each<[string, Partial<RepositoryPlan>, string]>([
    ['both the old and the new keys signed', { oldRootKeys: [one], keys: sameKeys([two]) }, '2 11 10 10'],
    ['only the new keys signed', { keys: sameKeys([two]) }, 'TRUST_UNSIGNED'],
    [
      'only the old keys signed',
      {
        oldRootKeys: [one],
        keys: sameKeys([two]),
        plans: { root: { resign: (list) => list.filter(({ keyid }) => keyid === one.keyid) } },
      },
      'TRUST_UNSIGNED',
    ],
    [
      'says that it is of another version',
      { plans: { root: { change: (signed) => void (signed['version'] = 3) } } },
      'TRUST_ROLLBACK',
    ],
    [
      'has a role that cannot be read',
      { plans: { root: { change: (signed) => void Object.assign(signed['roles'] as object, { mirrors: 1 }) } } },
      'TRUST_MALFORMED',
    ],
    [
      'does not say whether snapshots are consistent',
      { plans: { root: { change: (signed) => void delete signed['consistent_snapshot'] } } },
      'TRUST_MALFORMED',
    ],
  ])('is taken only as it should be: %s', async (_what, change, expected) => {
    const client = ourClient(anchorOf(plan));
    await look(client, plan);
    const next = at({ ...plan, rootVersion: 2, ...change }, { timestamp: 11 });
    const files = new Map(writePlan(next));
    // The snapshot and the roles below are signed with new keys too, so that only the root is being tested.
    const { versions, reasons } = await client.check((name) => files.get(name), []);
    expect(versions ?? reasons[0]?.split(' ')[0]).toBe(expected);
  });
});

it('a client fetches at most 1024 new roots per check, and continues from there in the next', async () => {
  const store = createMemoryStore();
  const client = ourClient(anchorOf(plan), store);
  const versions = Array.from({ length: 1030 }, (_, index) => index + 1);
  const files = new Map(versions.flatMap((rootVersion) => [...writePlan({ ...plan, rootVersion })]));
  const look = async (): Promise<string | undefined> => (await client.check((name) => files.get(name), [])).versions;
  expect([await look(), await look()]).toEqual(['1025 10 10 10', '1030 10 10 10']);
});
