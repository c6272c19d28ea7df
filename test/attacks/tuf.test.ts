import { copyFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import type { JsonObject } from '../../src/repository/tuf/json.ts';
import { generateSigningKey } from '../../src/repository/tuf/keys.ts';
import { indexPath, inWorld, type World } from '../support/world.ts';

/** An attack on the first lock, played to an installation that has seen 1.2.0 and not yet 1.3.0. */
interface Attack {
  readonly what: string;
  readonly code: string;
  /** `past` puts the repository back to the time of 1.1.0. */
  readonly play: (world: World, past: () => Promise<void>) => Promise<void>;
}

const stranger = generateSigningKey({ name: 'stranger' });

/** Answers requests that end so with something else. */
function answering(world: World, suffix: string, answer: (response: ServerResponse) => void): void {
  world.web.answer = (path, response) => {
    if (path.endsWith(suffix)) answer(response);
    return Promise.resolve(path.endsWith(suffix));
  };
}

/** Sends until the other side has enough; the length is not announced. */
function endless(response: ServerResponse): void {
  const block = Buffer.alloc(65_536, ' ');
  const send = (): void => {
    while (!response.destroyed && response.write(block));
  };
  response.on('drain', send);
  send();
}

/** Renames a metadata file over another. */
async function swap({ writer }: World, from: string, over: string): Promise<void> {
  await copyFile(join(writer.metadata, from), join(writer.metadata, over));
}

const withoutKeys: readonly Attack[] = [
  {
    what: 'another index under the name of the signed one',
    code: 'TRUST_MISMATCH',
    play: (world) => {
      answering(world, 'linux-x64.json', (response) => response.end('{"payloadType":"evil"}'));
      return Promise.resolve();
    },
  },
  {
    what: 'other bytes for the artifact',
    code: 'DOWNLOAD_MISMATCH',
    play: (world) => {
      const evil = 'the bytes of 6.6.6';
      answering(world, '.AppImage', (response) => response.writeHead(200, { 'content-length': evil.length }).end(evil));
      return Promise.resolve();
    },
  },
  {
    what: 'the whole repository of yesterday',
    code: 'TRUST_ROLLBACK',
    play: (_world, past) => past(),
  },
  {
    what: 'an older snapshot under the new name',
    code: 'TRUST_ROLLBACK',
    play: (world) => swap(world, '1.snapshot.json', world.writer.fileOf('snapshot')),
  },
  {
    what: 'an older bin under the new name',
    code: 'TRUST_ROLLBACK',
    play: (world) => swap(world, world.writer.fileOf(indexPath).replace(/^\d+/, '1'), world.writer.fileOf(indexPath)),
  },
  {
    what: 'a snapshot as timestamp',
    code: 'TRUST_MALFORMED',
    play: (world) => swap(world, world.writer.fileOf('snapshot'), 'timestamp.json'),
  },
  {
    what: 'a login page',
    code: 'TRUST_SERVER',
    play: (world) => {
      answering(world, 'timestamp.json', (response) => response.end('<html>Accept our terms</html>'));
      return Promise.resolve();
    },
  },
  {
    what: 'an endless timestamp',
    code: 'TRUST_TOO_LARGE',
    play: (world) => {
      answering(world, 'timestamp.json', endless);
      return Promise.resolve();
    },
  },
  {
    what: 'an endless index',
    code: 'TRUST_MISMATCH',
    play: (world) => {
      answering(world, 'linux-x64.json', endless);
      return Promise.resolve();
    },
  },
  {
    what: 'a timestamp without signatures',
    code: 'TRUST_UNSIGNED',
    play: ({ writer }) => writer.edit('timestamp.json', ({ signed }) => ({ signed, signatures: [] })),
  },
  {
    what: 'a timestamp that a stranger signed',
    code: 'TRUST_UNSIGNED',
    play: ({ writer }) => writer.forge('timestamp.json', (signed) => ({ ...signed, version: 99 }), [stranger]),
  },
  {
    what: 'a timestamp that a stranger signed in the name of the online key',
    code: 'TRUST_UNSIGNED',
    play: ({ writer }) =>
      writer.forge('timestamp.json', (signed) => ({ ...signed, version: 99 }), [
        { ...stranger, keyid: writer.keys().online.keyid },
      ]),
  },
  {
    what: 'an edited timestamp',
    code: 'TRUST_UNSIGNED',
    play: ({ writer }) =>
      writer.edit('timestamp.json', ({ signed, signatures }) => ({ signatures, signed: { ...signed, version: 99 } })),
  },
  {
    what: 'a root of its own',
    code: 'TRUST_UNSIGNED',
    play: ({ writer }) => writer.rotate({ rootKeys: [stranger], online: stranger, signers: [stranger] }),
  },
  {
    what: 'a root that one of two root keys signed',
    code: 'TRUST_UNSIGNED',
    play: ({ writer }) => writer.rotate({ online: stranger, signers: writer.keys().root.slice(0, 1) }),
  },
  {
    what: 'a root that one root key signed twice',
    code: 'TRUST_UNSIGNED',
    play: async ({ writer }) => {
      const [one] = writer.keys().root;
      await writer.rotate({ online: stranger, signers: one === undefined ? [] : [one, one] });
    },
  },
  {
    what: 'a root with a threshold of nobody',
    code: 'TRUST_UNSIGNED',
    play: async ({ writer }) => writer.rotate({ rootKeys: [stranger], threshold: 1, signers: [stranger] }),
  },
  {
    what: 'the first root as the second',
    code: 'TRUST_ROLLBACK',
    play: (world) => swap(world, '1.root.json', '2.root.json'),
  },
];

const withOnlineKey: readonly Attack[] = [
  {
    what: 'metadata that has expired',
    code: 'TRUST_EXPIRED',
    play: ({ writer }) => writer.renew('2020-01-01T00:00:00Z'),
  },
  {
    what: 'a timestamp that goes back to an older snapshot',
    code: 'TRUST_ROLLBACK',
    play: ({ writer }) =>
      writer.forge('timestamp.json', (signed) => ({ ...signed, meta: { 'snapshot.json': { version: 1 } } })),
  },
  {
    what: 'a snapshot that goes back to older targets',
    code: 'TRUST_ROLLBACK',
    play: ({ writer }) =>
      writer.forge(writer.fileOf('snapshot'), (signed) => ({
        ...signed,
        meta: { ...(signed['meta'] as JsonObject), 'targets.json': { version: 1 } },
      })),
  },
  {
    what: 'a snapshot that leaves roles out',
    code: 'TRUST_MALFORMED',
    play: ({ writer }) =>
      writer.forge(writer.fileOf('snapshot'), (signed) => ({
        ...signed,
        meta: { 'targets.json': { version: 2 } },
      })),
  },
  {
    what: 'targets in place of a snapshot',
    code: 'TRUST_MALFORMED',
    play: (world) => swap(world, world.writer.fileOf('targets'), world.writer.fileOf('snapshot')),
  },
];

/** Plays an attack while 1.3.0 is out, and lets `heal` put things right. */
async function play(attack: Attack, heal: (world: World) => Promise<void>): Promise<unknown> {
  const seen: unknown[] = [];
  await inWorld(async (world) => {
    await world.release('1.1.0');
    const past = await world.writer.save();
    await world.writer.renew();
    await world.release('1.2.0');
    const app = await world.install();
    seen.push(await app.update());
    await world.release('1.3.0');
    const present = await world.writer.save();
    await attack.play(world, past);
    seen.push(await app.update(), await app.outside());
    world.web.answer = undefined;
    await present();
    await heal(world);
    seen.push(await app.update());
  });
  return seen;
}

describe('an attacker between repository and app who offers', () => {
  it.each(withoutKeys)('$what is refused: $code', async (attack) => {
    expect(await play(attack, () => Promise.resolve())).toEqual(['1.2.0', attack.code, [], '1.3.0']);
  });
});

describe('a thief of the online key who offers', () => {
  it.each(withOnlineKey)('$what is refused: $code', async (attack) => {
    const newKey = generateSigningKey({ name: 'online 2' });
    expect(await play(attack, ({ writer }) => writer.rotate({ online: newKey }))).toEqual([
      '1.2.0',
      attack.code,
      [],
      '1.3.0',
    ]);
  });
});

describe('a new root', () => {
  it('takes the online key from its thief', async () => {
    await inWorld(async ({ writer, release, install }) => {
      await release('1.1.0');
      const app = await install();
      const stolen = writer.keys().online;
      const results = [await app.update()];
      await writer.rotate({ online: generateSigningKey({ name: 'online 2' }) });
      results.push(await app.update());
      await writer.forge('timestamp.json', (signed) => ({ ...signed, version: 99 }), [stolen]);
      results.push(await app.update());
      await release('1.2.0');
      expect([...results, await app.update(), await app.outside()]).toEqual([
        '1.1.0',
        '1.1.0',
        'TRUST_UNSIGNED',
        '1.2.0',
        [],
      ]);
    });
  });

  it('frees clients from versions that the thief has driven up (fast-forward)', async () => {
    await inWorld(async ({ writer, release, install }) => {
      await release('1.1.0');
      const app = await install();
      await writer.forge('timestamp.json', (signed) => ({ ...signed, version: 2 ** 31 }));
      const results = [await app.update()];
      await release('1.2.0');
      results.push(await app.update());
      await writer.rotate({ online: generateSigningKey({ name: 'online 2' }) });
      expect([...results, await app.update()]).toEqual(['1.1.0', 'TRUST_ROLLBACK', '1.2.0']);
    });
  });

  it('may replace every root key, with the consent of the old ones', async () => {
    await inWorld(async ({ writer, release, install }) => {
      await release('1.1.0');
      const app = await install();
      const results = [await app.update()];
      await writer.rotate({ rootKeys: ['R3', 'R4', 'R5'].map((name) => generateSigningKey({ name })), threshold: 2 });
      await release('1.2.0');
      expect([...results, await app.update(), await (await install()).update()]).toEqual(['1.1.0', '1.2.0', '1.2.0']);
    });
  });

  it('of another repository is no anchor for this one', async () => {
    await inWorld(async (mine) => {
      await mine.release('1.1.0');
      await inWorld(async (other) => {
        const app = await mine.install({ anchor: other.writer.anchor });
        expect([await app.update(), await app.outside()]).toEqual(['TRUST_UNSIGNED', []]);
      });
    });
  });
});
