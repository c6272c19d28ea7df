import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import type { ReleaseVerifier } from '../../src/main/ports.ts';
import type { RetrySchedules } from '../../src/main/trust/contract.ts';
import type { MetadataCache } from '../../src/main/trust/tuf/store/metadata-cache.ts';
import { refreshMetadata } from '../../src/main/trust/tuf/workflow/refresh.ts';
import { generateSigningKey } from '../../src/repository/tuf/keys.ts';
import { UpdateError } from '../../src/shared/errors.ts';
import { coded, inWorld, type World } from '../support/world.ts';

/** Holds requests whose path has this suffix until the test releases them. */
function hold({ web }: World, suffix: string): { readonly asked: Promise<void>; readonly release: () => void } {
  const [asked, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  web.answer = async (path) => {
    if (!path.endsWith(suffix)) return false;
    asked.resolve();
    await released.promise;
    return false;
  };
  return { asked: asked.promise, release: () => released.resolve() };
}

/** Waits until root and timestamp are requested, or until that is overdue. */
async function bothAsked({ web }: World, { asked }: ReturnType<typeof hold>): Promise<void> {
  await asked;
  const deadline = Date.now() + 10_000;
  while (web.requests.length < 2 && Date.now() < deadline) await new Promise((wait) => setTimeout(wait, 5));
}

async function checkedBefore(world: World, patience?: RetrySchedules): Promise<ReleaseVerifier> {
  const { trust } = await world.install(patience === undefined ? {} : { patience });
  await trust.refresh();
  world.web.requests.length = 0;
  return trust;
}

const names = ({ web }: World): readonly string[] => web.requests.map((path) => path.replace('/metadata/', ''));

describe('a check', () => {
  it('requests the timestamp while it waits for a newer root', async () => {
    await inWorld(async (world) => {
      const trust = await checkedBefore(world);
      const root = hold(world, '2.root.json');
      const check = trust.refresh();
      await bothAsked(world, root);
      const meanwhile = names(world).toSorted();
      root.release();
      expect([meanwhile, (await check).requests]).toEqual([['2.root.json', 'timestamp.json'], 2]);
    });
  });

  it('that is the first one requests one file after the other, because there may be many roots', async () => {
    await inWorld(async (world) => {
      await world.writer.rotate({});
      const { trust } = await world.install();
      await trust.refresh();
      expect(names(world).slice(0, 3)).toEqual(['2.root.json', '3.root.json', 'timestamp.json']);
    });
  });

  it.each([
    ['refuses a timestamp that only the older root allows', [], 'TRUST_UNSIGNED'],
    ['looks again when the root came between the two answers', [1], 2],
  ])('%s', async (_what, quick, result) => {
    await inWorld(async (world) => {
      const trust = await checkedBefore(world, { quick, long: [] });
      const root = hold(world, '2.root.json');
      const check = coded(async () => (await trust.refresh()).rootVersion);
      await bothAsked(world, root);
      await world.writer.rotate({ online: generateSigningKey({ name: 'another' }) });
      root.release();
      expect(await check).toBe(result);
    });
  });

  // A server that does not answer is given up after 15 seconds anyway.
  it('that fails on the root aborts its request for the timestamp', { timeout: 10_000 }, async () => {
    await inWorld(async (world) => {
      const trust = await checkedBefore(world);
      const [asked, givenUp] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      world.web.answer = async (path, response) => {
        if (path.endsWith('timestamp.json')) {
          response.on('close', () => givenUp.resolve());
          asked.resolve();
        } else {
          await asked.promise;
          response.end('no root');
        }
        return true;
      };
      const code = await coded(async () => (await trust.refresh()).rootVersion);
      await givenUp.promise;
      expect([code, world.web.requests.length]).toEqual(['TRUST_MALFORMED', 2]);
    });
  });

  it('fails with the error of the root, and leaves no rejected promise that would end the process', async () => {
    await inWorld(async (world) => {
      const trust = await checkedBefore(world);
      world.web.answer = (path, response) => {
        if (path.endsWith('2.root.json')) response.end('no root');
        else response.destroy();
        return Promise.resolve(true);
      };
      expect(await coded(async () => (await trust.refresh()).rootVersion)).toMatch(/^TRUST_(MALFORMED|ROOT_INVALID)$/);
    });
  });
});

describe('a walk through the metadata', () => {
  /** Walks over a cache whose writes wait until they are released, or fail. */
  function openOver({ writer }: World, keep: MetadataCache['save'], isThere = (_file: string): boolean => true) {
    const asked: string[] = [];
    const fetch = async (file: string): Promise<Uint8Array | undefined> => {
      asked.push(file);
      return isThere(file) ? readFile(join(writer.metadata, file)).catch(() => undefined) : undefined;
    };
    const memory: MetadataCache = { read: async () => Promise.resolve([]), save: keep };
    return { asked, opening: refreshMetadata({ anchor: writer.anchor, now: Date.now(), cache: memory, fetch }) };
  }

  it('requests the next file while the last one is written, and ends when all are written', async () => {
    await inWorld(async (world) => {
      const written = Promise.withResolvers<void>();
      const kept: string[] = [];
      const { asked, opening } = openOver(world, async (name) => {
        await written.promise;
        kept.push(name);
      });
      while (!asked.includes('1.snapshot.json')) await new Promise((wait) => setTimeout(wait, 5));
      const before = [...kept];
      written.resolve();
      await opening;
      expect([before, kept]).toEqual([[], ['timestamp.json', 'snapshot.json', 'role.targets.json']]);
    });
  });

  it('writes one file after the other, however long one takes', async () => {
    await inWorld(async (world) => {
      const ended: string[] = [];
      const { opening } = openOver(world, async (name) => {
        await new Promise((wait) => setTimeout(wait, name === 'timestamp.json' ? 100 : 0));
        ended.push(name);
      });
      await opening;
      expect(ended).toEqual(['timestamp.json', 'snapshot.json', 'role.targets.json']);
    });
  });

  const busy = new UpdateError('TRUST_STORE', 'Another process is writing.');

  it.each(['timestamp.json', 'role.targets.json'])('fails when %s cannot be saved', async (lost) => {
    await inWorld(async (world) => {
      const { opening } = openOver(world, async (name) => (name === lost ? Promise.reject(busy) : Promise.resolve()));
      expect(await coded(async () => (await opening).root.version)).toBe('TRUST_STORE');
    });
  });

  it('fails with its own error if there is one', async () => {
    await inWorld(async (world) => {
      const isThere = (file: string): boolean => !file.endsWith('snapshot.json');
      const { opening } = openOver(world, async () => Promise.reject(busy), isThere);
      expect(await coded(async () => (await opening).root.version)).toBe('TRUST_FILE_MISSING');
    });
  });
});
