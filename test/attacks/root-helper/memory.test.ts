// @module-tag slow
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeAll, afterAll, describe, expect, it } from 'vitest';

import { generateSigningKey } from '../../../src/repository/tuf/keys.ts';
import { attempt } from '../../install/native/attempt.ts';
import { programsOf } from '../../install/native/packages.ts';
import { turnMs } from '../../install/native/turns.ts';
import {
  createNativeWorld,
  giveTo,
  type NativeWorld,
  nobody,
  placeRuntime,
  type WorldOptions,
} from '../../install/native/world.ts';
import { keySetOf, publisherKey, sealIndex } from '../../support/publisher.ts';
import { indexOf } from '../../support/release-index.ts';
import { requires, root } from '../../support/requires.ts';

/** A local user keeps what was handed over before, or has metadata that somebody else signed, and hands that over. */
describe('what root remembers', requires(root, ...programsOf.pacman), () => {
  let runtime: Awaited<ReturnType<typeof placeRuntime>>;
  const worlds: NativeWorld[] = [];

  beforeAll(async () => {
    runtime = await placeRuntime();
  }, turnMs);
  afterEach(async () => {
    for (const world of worlds.splice(0)) await world.close();
  });
  afterAll(async () => runtime?.remove());

  async function open(options: WorldOptions = {}): Promise<NativeWorld> {
    const world = await createNativeWorld('pacman', runtime.path, options);
    worlds.push(world);
    return world;
  }

  it.each([
    ['with publisher keys', {}],
    ['without publisher keys', { publisher: 'none' }],
  ] as const)(
    'an online key that a later root took away signs nothing any more, %s',
    async (_, options) => {
      const world = await open(options);
      await world.release('1.1.0');
      const past = await world.writer.save();
      await world.writer.rotate({ online: generateSigningKey({ name: 'online 2' }) });
      await world.release('1.2.0');
      const honest = await attempt(world, [(await world.stage('1.2.0')).handOver]);
      // The thief's repository ends at the first root, and knows nothing of the rotation.
      await past();
      await world.release('1.3.0');
      const stolen = await world.stage('1.3.0');
      expect({ honest, stolen: await attempt(world, [stolen.handOver]) }).toEqual({
        honest: { code: 'installed', installed: '1.2.0' },
        stolen: { code: 'TRUST_UNSIGNED', installed: '1.2.0' },
      });
    },
    turnMs,
  );

  it(
    'metadata from before does not come back, without publisher keys too',
    async () => {
      const world = await open({ publisher: 'none' });
      await world.release('1.1.0');
      await world.release('1.2.0');
      const before = await world.stage('1.2.0');
      await world.release('1.2.0', { change: { withdrawn: true } });
      const honest = await attempt(world, [(await world.stage('1.1.0')).handOver]);
      expect({ honest, replayed: await attempt(world, [before.handOver]) }).toEqual({
        honest: { code: 'installed', installed: '1.1.0' },
        replayed: { code: 'TRUST_ROLLBACK', installed: '1.1.0' },
      });
    },
    turnMs,
  );

  it(
    'keys that took over another app of the same publisher say nothing of this one',
    async () => {
      const world = await open();
      const buyer = [publisherKey(), publisherKey()] as const;
      const publisher = keySetOf(buyer, 2, 2);
      const sold = indexOf([], { app: 'org.example.sold', revision: 7, publisher });
      const proof = sealIndex(sold, [...world.keys, ...buyer]);
      await world.release('1.1.0', { keys: buyer });
      // Its own client may believe anything; root must not.
      const planted = await world.stage('1.1.0', { publisher: 'none' });
      const place = join(planted.handOver, 'trust/publisher');
      await mkdir(place, { recursive: true });
      await writeFile(join(place, `keys-${world.app}-after-1.json`), proof);
      await giveTo(nobody, place);
      const stolen = await attempt(world, [planted.handOver]);
      await world.release('1.2.0');
      const own = await world.stage('1.2.0');
      expect({ stolen, own: await attempt(world, [own.handOver]) }).toEqual({
        stolen: { code: 'TRUST_PUBLISHER_UNSIGNED', installed: '1.0.0' },
        own: { code: 'installed', installed: '1.2.0' },
      });
    },
    turnMs,
  );

  it(
    'goes neither down nor back: an older release, a withdrawn one, an index from before',
    async () => {
      const world = await open();
      const bytes = await world.release('1.2.0');
      const before = await world.stage('1.2.0');
      const seen = world.index();
      await world.release('0.9.0');
      const down = await attempt(world, [(await world.stage('0.9.0')).handOver]);
      await world.release('1.2.0', { bytes, change: { withdrawn: true } });
      const withdrawn = await attempt(world, [(await world.stage('1.2.0')).handOver]);
      // Root has seen that it was withdrawn; the index in which it was not is history.
      const replayed = await attempt(world, [before.handOver]);
      await world.writer.publish(seen);
      const signedAgain = await attempt(world, [(await world.stage('1.2.0', { publisher: 'none' })).handOver]);
      expect({ down, withdrawn, replayed, signedAgain }).toEqual({
        down: { code: 'INSTALL_DOWNGRADE', installed: '1.0.0' },
        withdrawn: { code: 'INSTALL_VERIFY', installed: '1.0.0' },
        replayed: { code: 'TRUST_ROLLBACK', installed: '1.0.0' },
        signedAgain: { code: 'TRUST_PUBLISHER_ROLLBACK', installed: '1.0.0' },
      });
    },
    turnMs,
  );

  it(
    'asks for the threshold of publisher keys, whatever the online key signs',
    async () => {
      const world = await open();
      await world.release('1.3.0', { keys: [world.keys[0]] });
      const one = await world.stage('1.3.0', { publisher: 'none' });
      await world.release('1.3.0', { keys: [publisherKey(), publisherKey()] });
      const others = await world.stage('1.3.0', { publisher: 'none' });
      expect({ one: await attempt(world, [one.handOver]), others: await attempt(world, [others.handOver]) }).toEqual({
        one: { code: 'TRUST_PUBLISHER_UNSIGNED', installed: '1.0.0' },
        others: { code: 'TRUST_PUBLISHER_UNSIGNED', installed: '1.0.0' },
      });
    },
    turnMs,
  );

  it(
    'publisher keys that took over stay in force, whatever is handed over later',
    async () => {
      const world = await open();
      const next = [publisherKey(), publisherKey()];
      const publisher = keySetOf(next, 2, 2);
      await world.release('1.4.0', { keys: [...world.keys, ...next], index: { publisher } });
      const adopted = await attempt(world, [(await world.stage('1.4.0')).handOver]);
      await world.release('1.5.0', { keys: world.keys });
      const old = await world.stage('1.5.0', { publisher: 'none' });
      const replaced = await attempt(world, [old.handOver]);
      await world.release('1.6.0', { keys: next });
      const fresh = await world.stage('1.6.0', { publisher });
      expect({ adopted, replaced, fresh: await attempt(world, [fresh.handOver]) }).toEqual({
        adopted: { code: 'installed', installed: '1.4.0' },
        replaced: { code: 'TRUST_PUBLISHER_UNSIGNED', installed: '1.4.0' },
        fresh: { code: 'installed', installed: '1.6.0' },
      });
    },
    turnMs,
  );
});
