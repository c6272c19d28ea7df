import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';

import { downloadVerified } from '../../src/publish/client/verified-download.ts';
import type { PublisherKeySet } from '../../src/shared/publisher-keys.ts';
import { releaseIndexPath } from '../../src/shared/target-path.ts';
import { keySetOf, publisherKey, sealIndex } from '../support/publisher.ts';
import { indexOf } from '../support/release-index.ts';
import { artifact, coded, indexPath, indexWith, inWorld, query } from '../support/world.ts';

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

/** The attacker bought one of two apps that had the same publisher keys, and holds the online key. */
it('who took over another app of the publisher is believed nothing of this one, by the command line too', async () => {
  await inWorld(async (world) => {
    const { keys, web, writer } = world;
    const directory = await mkdtemp(join(tmpdir(), 'sold-'));
    onTestFinished(async () => rm(directory, { recursive: true, force: true }));
    const sold = 'org.example.sold';
    const download = async (ofApp: string): Promise<string> => {
      const result = await coded(async () =>
        downloadVerified({
          config: {
            metadataUrl: `${web.url}/metadata/`,
            targetsUrls: [`${web.url}/content/`],
            publisher: keySetOf(keys),
          },
          root: writer.anchor,
          wanted: { type: 'release', query: { ...query, app: ofApp } },
          out: join(directory, 'out'),
          stateDirectory: join(directory, 'state'),
        }),
      );
      return typeof result === 'string' ? result : (result.version ?? '');
    };
    await world.release('1.1.0');
    const before = await download(query.app);
    const handOver = indexOf([], { app: sold, revision: 7, publisher: keySetOf(own, 2, 2) });
    const soldPath = releaseIndexPath(sold, query.channel, query.target);
    await writer.publish({ path: soldPath, bytes: sealIndex(handOver, [...keys, ...own]) });
    const takenOver = await download(sold);
    await writer.publish(artifact('6.6.6').file, { path: indexPath, bytes: sealIndex(indexWith('6.6.6', 25), own) });
    const attacked = await download(query.app);
    await world.release('1.2.0');
    await world.release('1.3.0');
    expect({ before, takenOver, attacked, healed: await download(query.app) }).toEqual({
      before: '1.1.0',
      takenOver: 'RELEASE_NOT_FOUND',
      attacked: 'TRUST_PUBLISHER_UNSIGNED',
      healed: '1.3.0',
    });
  });
});
