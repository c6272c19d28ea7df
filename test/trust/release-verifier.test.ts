import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { generateSigningKey } from '../../src/repository/tuf/keys.ts';
import type { SigningKey } from '../../src/publish/keys/key-file.ts';
import { keySetOf, publisherKey, sealIndex } from '../support/publisher.ts';
import { artifact, coded, indexPath, indexWith, inWorld, query } from '../support/world.ts';

describe('a release index', () => {
  it('is fetched once while it stays the same', async () => {
    await inWorld(async ({ web, release, install }) => {
      await release('1.1.0');
      const { trust } = await install();
      const fetched = (): number => web.requests.filter((path) => path.endsWith('linux-x64.json')).length;
      await trust.releaseIndex(query);
      await trust.refresh();
      await trust.releaseIndex(query);
      const before = fetched();
      await release('1.2.0');
      await trust.refresh();
      const index = await trust.releaseIndex(query);
      expect({
        fetchedBefore: before,
        fetchedAfter: fetched(),
        revision: index.revision,
      }).toEqual({
        fetchedBefore: 1,
        fetchedAfter: 2,
        revision: 20,
      });
    });
  });

  it('that a channel does not have is named in the error', async () => {
    await inWorld(async ({ release, install }) => {
      await release('1.1.0');
      const { trust } = await install();
      await expect(trust.releaseIndex({ ...query, channel: 'nightly' })).rejects.toMatchObject({
        code: 'TRUST_TARGET_UNKNOWN',
        message: expect.stringContaining('no releases for linux-x64 on the channel "nightly"'),
      });
    });
  });

  it('is verified by two processes at once', async () => {
    await inWorld(async ({ release, install }) => {
      await release('1.1.0');
      const one = await install();
      const other = await install({ home: one.home });
      const indexes = await Promise.all([one, other].map(({ trust }) => trust.releaseIndex(query)));
      expect(indexes.map(({ revision }) => revision)).toEqual([10, 10]);
    });
  });
});

describe('publisher keys', () => {
  const [next, after] = [publisherKey(), publisherKey()];
  const set2 = keySetOf([next], 1, 2);

  it('that an index rotates to survive restarts, and are dropped by a build that embeds others', async () => {
    await inWorld(async ({ writer, keys, install }) => {
      const publish = (revision: number, signers: readonly SigningKey[], publisher = {}): Promise<void> =>
        writer.publish(artifact(`1.${revision}.0`).file, {
          path: indexPath,
          bytes: sealIndex(indexWith(`1.${revision}.0`, revision, publisher), signers),
        });
      const first = await install();
      await publish(1, [...keys, next], { publisher: set2 });
      const adopting = await first.update();
      await publish(2, [next]);
      const restarted = await (await install({ home: first.home })).update();
      const newcomer = await (await install()).update();
      const rebuilt = await (await install({ home: first.home, publisher: keySetOf([after], 1, 3) })).update();
      await publish(3, keys);
      const oldKeys = await (await install({ home: first.home })).update();
      expect({ adopting, restarted, newcomer, rebuilt, oldKeys }).toEqual({
        adopting: '1.1.0',
        restarted: '1.2.0',
        newcomer: 'TRUST_PUBLISHER_UNSIGNED',
        rebuilt: 'TRUST_PUBLISHER_UNSIGNED',
        oldKeys: 'TRUST_PUBLISHER_UNSIGNED',
      });
    });
  });
});

describe('lookUpOffline', () => {
  it('returns verified releases without network, even after expiry', async () => {
    await inWorld(async ({ web, release, install }) => {
      await release('1.1.0');
      const { home, trust } = await install();
      const index = await trust.releaseIndex(query);
      const [listed] = index.releases;
      const [entry] = listed?.artifacts ?? [];
      if (listed === undefined || entry === undefined) throw new Error('the index is empty');
      const online = await trust.artifact(query, listed, entry);
      await web.close();
      const inTenYears = { now: () => Date.now() + 10 * 365 * 86_400_000, after: () => () => undefined };
      const offline = await install({ home, clock: inTenYears });
      expect({
        seen: await offline.trust.lookUpOffline(query, '1.1.0', 'appimage'),
        otherVersion: await offline.trust.lookUpOffline(query, '1.2.0', 'appimage'),
        otherKind: await offline.trust.lookUpOffline(query, '1.1.0', 'deb'),
      }).toEqual({
        seen: { ...online, index },
        otherVersion: undefined,
        otherKind: undefined,
      });
    });
  });

  it('returns nothing before the first check', async () => {
    await inWorld(async ({ release, install }) => {
      await release('1.1.0');
      const { trust } = await install();
      expect(await trust.lookUpOffline(query, '1.1.0', 'appimage')).toBeUndefined();
    });
  });

  it('does not accept an older index from a store that was tampered with', async () => {
    await inWorld(async ({ release, install }) => {
      await release('1.1.0');
      const { home, update } = await install();
      await update();
      const store = await filesOf(home, 'index-');
      await release('1.2.0');
      await update();
      for (const [path, bytes] of store) await writeFile(path, bytes);
      const { trust } = await install({ home });
      expect({
        stores: store.length,
        older: await trust.lookUpOffline(query, '1.1.0', 'appimage'),
        newer: await trust.lookUpOffline(query, '1.2.0', 'appimage'),
      }).toEqual({
        stores: 1,
        older: undefined,
        newer: undefined,
      });
    });
  });

  it('works for apps without publisher keys', async () => {
    await inWorld(async ({ release, install }) => {
      await release('1.1.0');
      const { home, update } = await install({ publisher: 'none' });
      await update();
      const { trust } = await install({ home, publisher: 'none' });
      expect((await trust.lookUpOffline(query, '1.1.0', 'appimage'))?.release.version).toBe('1.1.0');
    });
  });

  it('refuses keys that are not trusted any more', async () => {
    await inWorld(async ({ release, install }) => {
      await release('1.1.0');
      const { home, update } = await install();
      await update();
      const { trust } = await install({ home, publisher: keySetOf([publisherKey()], 1, 2) });
      expect(await coded(() => trust.lookUpOffline(query, '1.1.0', 'appimage'))).toBe('TRUST_PUBLISHER_UNSIGNED');
    });
  });
});

describe('a store', () => {
  it.each(['', 'garbage', '{}'])('heals after all its files became %j', async (content) => {
    await inWorld(async ({ writer, release, install }) => {
      await writer.rotate({ online: generateSigningKey({ name: 'online 2' }) });
      await release('1.1.0');
      const { home, update } = await install();
      const before = await update();
      for (const [path] of await filesOf(home, '')) await writeFile(path, content);
      const after = await (await install({ home })).update();
      await release('1.2.0');
      expect({
        before,
        after,
        next: await (await install({ home })).update(),
      }).toEqual({
        before: '1.1.0',
        after: '1.1.0',
        next: '1.2.0',
      });
    });
  });
});

/** The files of a trust store with this name prefix. */
async function filesOf(home: string, prefix: string): Promise<readonly (readonly [path: string, bytes: Buffer])[]> {
  const entries = await readdir(join(home, 'trust'), { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile() && entry.name.startsWith(prefix))
    .map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(paths.map(async (path) => [path, await readFile(path)] as const));
}
