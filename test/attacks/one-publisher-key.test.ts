import { expect, it } from 'vitest';

import type { PublisherKeySet } from '../../src/shared/publisher-keys.ts';
import { keySetOf, publisherKey, sealIndex } from '../support/publisher.ts';
import { artifact, indexPath, indexWith, inWorld } from '../support/world.ts';

/** The attacker holds the online key and one publisher key. Apps ask for the signatures of two. */
const own = [publisherKey(), publisherKey()];

const handOvers: readonly [string, PublisherKeySet | undefined][] = [
  ['signs alone', undefined],
  ['hands the app over to keys of its own', keySetOf(own, 2, 2)],
  ['hands the app over to keys of its own, of which one is enough', keySetOf(own, 1, 2)],
];

it.each(handOvers)('who holds one of two publisher keys and %s installs nothing', async (_, publisher) => {
  await inWorld(async (world) => {
    await world.release('1.1.0');
    const [stolen] = world.keys;
    const app = await world.install();
    const before = await app.update();
    const index = indexWith('6.6.6', 25, publisher === undefined ? {} : { publisher });
    const signers = [stolen, ...own];
    await world.writer.publish(artifact('6.6.6').file, { path: indexPath, bytes: sealIndex(index, signers) });
    const attacked = [await app.update(), await (await world.install()).update()];
    await world.release('1.2.0');
    expect({ before, attacked, outside: await app.outside(), healed: await app.update() }).toEqual({
      before: '1.1.0',
      attacked: ['TRUST_PUBLISHER_UNSIGNED', 'TRUST_PUBLISHER_UNSIGNED'],
      outside: [],
      healed: '1.2.0',
    });
  });
});

it('who holds one of two publisher keys cannot keep it: the other one and the next set take its place', async () => {
  await inWorld(async (world) => {
    const [stolen, kept] = world.keys;
    const next = [kept, publisherKey()];
    await world.release('1.1.0');
    const app = await world.install();
    const before = await app.update();
    const publisher = keySetOf(next, 2, 2);
    const handOver = sealIndex(indexWith('1.2.0', 20, { publisher }), [...world.keys, ...next]);
    await world.writer.publish(artifact('1.2.0').file, { path: indexPath, bytes: handOver });
    const followed = await app.update();
    const evil = sealIndex(indexWith('6.6.6', 30), [stolen, publisherKey()]);
    await world.writer.publish(artifact('6.6.6').file, { path: indexPath, bytes: evil });
    expect({ before, followed, attacked: await app.update() }).toEqual({
      before: '1.1.0',
      followed: '1.2.0',
      attacked: 'TRUST_PUBLISHER_UNSIGNED',
    });
  });
});
