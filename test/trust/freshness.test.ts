import { expect, it } from 'vitest';

import { findTarget } from '../../src/main/trust/tuf/find.ts';
import { openSession } from '../../src/main/trust/tuf/session.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { anyKey, type Draft, type RepositoryPlan, type RoleName, writePlan } from '../support/signed-world.ts';
import { newMemory } from '../support/two-clients.ts';
import { coded } from '../support/world.ts';

const key = [anyKey('ed25519')];
const plan: RepositoryPlan = {
  rootVersion: 1,
  versions: { timestamp: 1, snapshot: 1, targets: 1, a: 1, b: 1 },
  keys: { root: key, timestamp: key, snapshot: key, targets: key, a: key, b: key },
  thresholds: { root: 1, timestamp: 1, snapshot: 1, targets: 1, a: 1, b: 1 },
  oldRootKeys: [],
  consistent: true,
  announces: [],
  delegation: 'roles',
  terminating: false,
  plans: {},
};
const expires = '2031-01-01T00:00:00Z';
const [before, at] = [Date.parse(expires) - 1, Date.parse(expires)];

it.each<RoleName>(['root', 'timestamp', 'snapshot', 'targets', 'a'])(
  'a %s that expires is good until then, and not from then on: neither a new one nor one that was kept',
  async (role) => {
    const files = writePlan({
      ...plan,
      plans: { [role]: { change: (signed: Draft) => void (signed['expires'] = expires) } },
    });
    const store = createMemoryStore();
    const anchor = files.get('1.root.json') ?? Buffer.alloc(0);
    const fetch = (name: string): Promise<Uint8Array | undefined> => Promise.resolve(files.get(name));
    const look = async (now: number, offline = false): Promise<number | string | undefined> => {
      return coded(async () => {
        const session = await openSession({
          anchor,
          memory: newMemory(store),
          now,
          fetch: offline ? undefined : fetch,
        });
        return (await findTarget(session, 'x/1'))?.length;
      });
    };
    const tooLate = await look(at);
    store.files.clear();
    expect([tooLate, await look(before), await look(at), await look(-Infinity, true)]).toEqual([
      'TRUST_EXPIRED',
      1,
      'TRUST_EXPIRED',
      1,
    ]);
  },
);
