// @module-tag slow
import { execFileSync } from 'node:child_process';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { acquireLock } from '../../src/files/lock.ts';
import { type Client, createClient } from '../../src/main/client.ts';
import { silentLogger } from '../../src/main/node/logger.ts';
import type { Anchor } from '../../src/main/trust/contract.ts';
import { createWriteThroughStore } from '../../src/main/trust/write-through-store.ts';
import { createMetadataCache } from '../../src/main/trust/tuf/store/metadata-cache.ts';
import { openTrustStore } from '../../src/main/trust/tuf/store/trust-store.ts';
import { generateSigningKey } from '../../src/repository/tuf/keys.ts';
import { mounting, requires } from '../support/requires.ts';
import { coded, inWorld, type World } from '../support/world.ts';

function clientOf({ web }: World, directory: string, anchor: Anchor): Client {
  return createClient({
    config: { metadataUrl: `${web.url}/metadata/`, targetsUrls: [`${web.url}/content/`], publisher: 'none' },
    anchor,
    directory,
    patience: { quick: [], long: [] },
  });
}

/** The version of the timestamp after a refresh, or the code of the refusal. */
async function refresh(world: World, directory: string, anchor: Anchor): Promise<number | string> {
  const client = clientOf(world, directory, anchor);
  try {
    return await coded(async () => (await client.tuf.refresh()).timestampVersion);
  } finally {
    await client.close();
  }
}

const root = (bytes: Uint8Array): Anchor => ({ type: 'root', bytes });

/** The directory of the only lineage. */
async function lineageOf(home: string): Promise<string> {
  const [name = ''] = await readdir(join(home, 'trust'));
  return join(home, 'trust', name);
}

describe('a store', () => {
  it.each<[string, (file: string) => Promise<unknown>]>([
    ['emptied', (file) => writeFile(file, '')],
    ['cut off', async (file) => writeFile(file, (await readFile(file)).subarray(0, 100))],
    ['deleted', (file) => rm(file)],
    ['replaced by a directory', async (file) => (await rm(file), mkdir(join(file, 'planted'), { recursive: true }))],
    [
      'replaced by a pipe',
      async (file) => (await rm(file), process.platform === 'win32' || execFileSync('mkfifo', [file])),
    ],
  ])('whose files were %s heals', async (_how, spoil) => {
    await inWorld(async (world) => {
      await world.writer.rotate({ online: generateSigningKey({ name: 'online 2' }) });
      const { home } = await world.install();
      const anchor = root(world.writer.anchor);
      const before = await refresh(world, home, anchor);
      const store = await lineageOf(home);
      const names = (await readdir(store)).filter((name) => name.endsWith('.json'));
      for (const name of names) await spoil(join(store, name));
      const after = await refresh(world, home, anchor);
      const whole = await Promise.all(
        names.map(async (name) => JSON.parse(await readFile(join(store, name), 'utf8')) !== null),
      );
      expect({
        after,
        files: names.length,
        areWhole: whole.every(Boolean),
      }).toEqual({
        after: before,
        files: 4,
        areWhole: true,
      });
    });
  });

  it('trap 1: still starts from the embedded root if its roots were replaced by those of another repository', async () => {
    await inWorld(async (mine) => {
      await mine.writer.rotate();
      const { home } = await mine.install();
      await refresh(mine, home, root(mine.writer.anchor));
      await inWorld(async (other) => {
        await other.writer.rotate();
        const evil = await readFile(join(other.writer.metadata, '2.root.json'));
        await writeFile(join(await lineageOf(home), '2.root.json'), evil);
        expect([
          await refresh(other, home, root(mine.writer.anchor)),
          await refresh(mine, home, root(mine.writer.anchor)),
        ]).toEqual(['TRUST_UNSIGNED', 1]);
      });
    });
  });

  it('keeps its versions if a newer build embeds a later root, but not for another lineage', async () => {
    await inWorld(async (world) => {
      const past = await world.writer.save();
      const { home } = await world.install();
      await world.writer.rotate();
      await world.writer.renew();
      const seen = await refresh(world, home, root(world.writer.anchor));
      const second = await readFile(join(world.writer.metadata, '2.root.json'));
      const newerBuild = await refresh(world, home, root(second));
      const lineages = (await readdir(join(home, 'trust'))).length;
      await past();
      const rolledBack = await refresh(world, home, root(second));
      await inWorld(async (rebuiltWorld) => {
        await rebuiltWorld.writer.rotate();
        const rebuilt = await refresh(
          rebuiltWorld,
          home,
          root(await readFile(join(rebuiltWorld.writer.metadata, '2.root.json'))),
        );
        const still = await refresh(world, home, root(second));
        expect({ seen, newerBuild, lineages, rolledBack, rebuilt, still }).toEqual({
          seen: 2,
          newerBuild: 2,
          lineages: 1,
          rolledBack: 'TRUST_ROLLBACK',
          rebuilt: 1,
          still: 'TRUST_ROLLBACK',
        });
      });
    });
  });

  it('catches up over 300 root versions, and walks them again without the network', async () => {
    await inWorld(async (world) => {
      for (let at = 0; at < 300; at++) await world.writer.rotate();
      const { home } = await world.install();
      const first = await refresh(world, home, root(world.writer.anchor));
      world.web.requests.length = 0;
      const again = await refresh(world, home, root(world.writer.anchor));
      expect([again, world.web.requests.toSorted()]).toEqual([
        first,
        ['/metadata/302.root.json', '/metadata/timestamp.json'],
      ]);
    });
  });

  it('is compared and written under the lock of all processes', async () => {
    await inWorld(async (world) => {
      const { home } = await world.install();
      const store = openTrustStore(() => Promise.resolve(home), silentLogger);
      const memory = createMetadataCache(store, createWriteThroughStore(store, 100));
      const isTaken = async (): Promise<boolean> => {
        const lock = await acquireLock(join(home, 'lock'), { waitMs: 0 });
        lock?.release();
        return lock === undefined;
      };
      const taken: boolean[] = [];
      await memory.save('x.json', Buffer.from('1'));
      await memory.save('x.json', Buffer.from('2'), async () => (taken.push(await isTaken()), false));
      expect({
        taken,
        isTaken: await isTaken(),
        content: await readFile(join(home, 'x.json'), 'utf8'),
      }).toEqual({
        taken: [true],
        isTaken: false,
        content: '2',
      });
    });
  });

  it('serves concurrent clients', async () => {
    await inWorld(async (world) => {
      await world.release('1.1.0');
      const { home } = await world.install();
      const both = Array.from({ length: 8 }, () => refresh(world, home, root(world.writer.anchor)));
      expect(await Promise.all(both)).toEqual(Array.from({ length: 8 }, () => 2));
    });
  });
});

describe('trust on first use', () => {
  it('holds in a process whose store cannot be written', requires(mounting), async () => {
    await inWorld(async (mine) =>
      inWorld(async (other) => {
        const { home } = await mine.install();
        execFileSync('mount', ['-t', 'tmpfs', '-o', 'ro', 'tmpfs', home]);
        const client = clientOf(mine, home, { type: 'trust-on-first-use' });
        const versionNow = async (): Promise<number> => (await client.tuf.refresh()).timestampVersion;
        try {
          const first = await coded(versionNow);
          await cp(other.writer.metadata, mine.writer.metadata, { recursive: true });
          expect([first, await coded(versionNow)]).toEqual([1, 'TRUST_UNSIGNED']);
        } finally {
          await client.close();
          execFileSync('umount', ['--lazy', home]);
        }
      }),
    );
  });

  it('pins the first root, keeps it if one copy is damaged, and asks for consent if both are lost', async () => {
    await inWorld(async (world) => {
      const { home } = await world.install();
      const anchor: Anchor = { type: 'trust-on-first-use' };
      const first = await refresh(world, home, anchor);
      const place = await lineageOf(home);
      await writeFile(join(place, 'anchor.json'), 'spoilt');
      const repaired = await refresh(world, home, anchor);
      for (const name of ['anchor.json', 'anchor.copy.json']) await rm(join(place, name));
      const lost = await refresh(world, home, anchor);
      expect({
        first,
        repaired,
        lost,
        again: await refresh(world, home, { ...anchor, again: true }),
      }).toEqual({
        first: 1,
        repaired: 1,
        lost: 'TRUST_ROOT_INVALID',
        again: 1,
      });
    });
  });
});
