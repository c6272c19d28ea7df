import { expect, it } from 'vitest';

import { type RepositoryClock, rotateOnlineKey, setExpiry } from '../../src/repository/index.ts';
import { serve } from './served.ts';

const hour = 60 * 60 * 1000;

it('renews metadata that expires within the hour, and nothing else', async () => {
  const clock = createClock();
  await using served = await serve({ bins: 2 }, clock);
  const { store } = served.repository;
  const versions = (): object => {
    const { timestamp, snapshot, targets, delegated } = store.needState();
    const bins = Array.from(delegated.values(), (role) => role.version);
    return { timestamp: timestamp.version, snapshot: snapshot.version, targets: targets.version, bins };
  };
  const first = versions();
  await clock.advance(22 * hour, async (work) => store.exclusive(work));
  const early = versions();
  await clock.advance(1.5 * hour, async (work) => store.exclusive(work));
  const renewed = versions();
  await clock.advance(364 * 24 * hour, async (work) => store.exclusive(work));
  const muchLater = versions();
  expect({ first, early, renewed, muchLater }).toEqual({
    first: { timestamp: 1, snapshot: 1, targets: 1, bins: [1, 1] },
    early: { timestamp: 1, snapshot: 1, targets: 1, bins: [1, 1] },
    renewed: { timestamp: 2, snapshot: 2, targets: 1, bins: [2, 2] },
    muchLater: { timestamp: 3, snapshot: 3, targets: 2, bins: [3, 3] },
  });
});

it('leaves metadata expired that a test let expire, until it is renewed on purpose', async () => {
  const clock = createClock();
  await using served = await serve({}, clock);
  const { store } = served.repository;
  await setExpiry(store, 'timestamp', Date.now() - hour);
  await clock.advance(2 * hour, async (work) => store.exclusive(work));
  await expect(served.refresh()).rejects.toThrow('expired');
  await store.renew();
  await expect(served.refresh()).resolves.toBeDefined();
});

it('renews with the key of the latest rotation', async () => {
  const clock = createClock();
  await using served = await serve({}, clock);
  const { store } = served.repository;
  await rotateOnlineKey(store);
  await clock.advance(23.5 * hour, async (work) => store.exclusive(work));
  await expect(served.refresh()).resolves.toBeDefined();
  expect(store.needState().timestamp.version).toBe(3);
});

/** A clock that stands still until it is advanced; then what was due runs, and its work is waited for. */
function createClock(): RepositoryClock & {
  advance(ms: number, settled: (work: () => Promise<void>) => Promise<void>): Promise<void>;
} {
  let now = Date.now();
  let due: (() => void) | undefined;
  return {
    now: () => now,
    after(_ms, run) {
      due = run;
      return () => {
        due = undefined;
      };
    },
    async advance(ms, settled) {
      now += ms;
      due?.();
      await settled(async () => undefined);
    },
  };
}
