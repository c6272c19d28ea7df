import { expect, it } from 'vitest';

import { findTarget } from '../../src/main/trust/tuf/workflow/find-target.ts';
import { refreshMetadata } from '../../src/main/trust/tuf/workflow/refresh.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import {
  anyKey,
  type Draft,
  plainPlan,
  type RepositoryPlan,
  type RoleName,
  writePlan,
} from '../support/signed-world.ts';
import { newMemory } from '../support/two-clients.ts';
import { coded } from '../support/world.ts';

// Rules for every role, tried with valid signatures: expiry and version.

const key = [anyKey('ed25519')];
const first: RepositoryPlan = { ...plainPlan(key), delegation: 'roles' };
const second = { ...first, rootVersion: 2, versions: { timestamp: 2, snapshot: 2, targets: 2, a: 2, b: 2 } };

/** The same repository with other claims in one role. */
function claiming(plan: RepositoryPlan, role: RoleName, claim: Draft): ReadonlyMap<string, Uint8Array> {
  return writePlan({ ...plan, plans: { [role]: { change: (signed: Draft) => void Object.assign(signed, claim) } } });
}

const anchor = writePlan(first).get('1.root.json') ?? Buffer.alloc(0);

/**
 * Looks up the target like a new process at this moment. @returns the length of the target, or the code of the refusal
 */
async function look(
  files: ReadonlyMap<string, Uint8Array> | 'offline',
  now: number,
  store = createMemoryStore(),
): Promise<number | string | undefined> {
  const fetch = files === 'offline' ? undefined : (name: string) => Promise.resolve(files.get(name));
  return coded(async () => {
    const session = await refreshMetadata({ anchor, cache: newMemory(store), now, fetch });
    return (await findTarget(session, 'x/1'))?.signed.length;
  });
}

it.each<RoleName>(['root', 'timestamp', 'snapshot', 'targets', 'a'])(
  'a %s that expires is good until then, and not from then on: neither a new one nor one that was kept',
  async (role) => {
    const expires = '2031-01-01T00:00:00Z';
    const moment = Date.parse(expires);
    const [files, store] = [claiming(second, role, { expires }), createMemoryStore()];
    expect({
      atExpiry: await look(files, moment),
      justBefore: await look(files, moment - 1, store),
      atExpiryWithStore: await look(files, moment, store),
      offline: await look('offline', -Infinity, store),
    }).toEqual({
      atExpiry: 'TRUST_EXPIRED',
      justBefore: 1,
      atExpiryWithStore: 'TRUST_EXPIRED',
      offline: 1,
    });
  },
);

it.each<RoleName>(['root', 'snapshot', 'targets', 'a'])(
  'a %s of another version than listed is refused',
  async (role) => {
    expect({
      listed: await look(writePlan(second), 0),
      older: await look(claiming(second, role, { version: 1 }), 0),
      newer: await look(claiming(second, role, { version: 3 }), 0),
    }).toEqual({
      listed: 1,
      older: 'TRUST_ROLLBACK',
      newer: 'TRUST_ROLLBACK',
    });
  },
);
