import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { type BundleOptions, writeBundle } from '../../src/publish/client/write-bundle.ts';
import { closeApps, publishChannel, startApp } from '../support/managed-app.ts';
import { keySetOf, publisherKey } from '../support/publisher.ts';
import { inWorld, query, type World } from '../support/world.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'bundle-'));
});
afterEach(async () => {
  await closeApps();
  await rm(directory, { recursive: true, force: true });
});

async function offline(_path: string, response: ServerResponse): Promise<boolean> {
  response.destroy();
  return Promise.resolve(true);
}

const bundleOf = async (world: World, change: Partial<BundleOptions> = {}) =>
  writeBundle({
    config: {
      metadataUrl: `${world.web.url}/metadata/`,
      targetsUrls: [`${world.web.url}/content/`],
      publisher: keySetOf(world.keys),
    },
    root: world.writer.anchor,
    query,
    out: join(directory, 'notes.bundle'),
    ...change,
  });

describe('installFromBundle', () => {
  it('verifies and stages without network, after root rotations too', async () =>
    inWorld(async (world) => {
      await world.release('1.1.0');
      await world.writer.rotate();
      const report = await bundleOf(world);
      world.web.answer = offline;
      const asked = world.web.requests.length;
      const { updater, states, outcomes } = await startApp(world);
      const state = await updater.installFromBundle(report.file);
      expect([state, world.web.requests.length - asked, outcomes.map(({ type }) => type)]).toMatchObject([
        { type: 'staged', release: { version: '1.1.0' }, installAt: 'quit' },
        0,
        ['offered', 'downloaded'],
      ]);
      expect(states).toEqual(['checking', 'available', 'downloading', 'verifying', 'staged']);
      expect(report).toMatchObject({ version: '1.1.0', kinds: ['appimage'] });
    }));

  it('refuses what was tampered with, cut, old, unsigned by the publisher, or no bundle, and says so', async () =>
    inWorld(async (world) => {
      await world.release('1.1.0');
      const old = await bundleOf(world, { out: join(directory, 'old.bundle') });
      await world.release('1.2.0');
      const { file } = await bundleOf(world);
      const bytes = await readFile(file);
      const spoilt = Buffer.from(bytes);
      spoilt.write('THE BYTES', spoilt.indexOf('the bytes of 1.2.0'));
      await writeFile(join(directory, 'spoilt'), spoilt);
      await writeFile(join(directory, 'cut'), bytes.subarray(0, bytes.length / 2));
      await writeFile(join(directory, 'none'), 'x'.repeat(2000));
      const code = async (name: string, before?: () => Promise<unknown>): Promise<unknown> => {
        const { updater } = await startApp(world, { home: await mkdtemp(join(directory, 'home-')) });
        if (before !== undefined) await before();
        const state = await updater.installFromBundle(join(directory, name));
        return 'lastError' in state ? state.lastError?.code : state.type;
      };
      const { updater } = await startApp(world);
      await updater.check();
      const older = await updater.installFromBundle(old.file);
      expect([await code('spoilt'), await code('cut'), await code('none'), await code('missing'), older]).toMatchObject(
        [
          'DOWNLOAD_MISMATCH',
          'OPTIONS_INVALID',
          'OPTIONS_INVALID',
          'OPTIONS_INVALID',
          { type: 'available', release: { version: '1.2.0' }, lastError: { code: 'TRUST_ROLLBACK' } },
        ],
      );
    }));

  it('says when the bundle has nothing for this installation', async () =>
    inWorld(async (world) => {
      await publishChannel(world, [{ version: '1.1.0' }], { revision: 1 });
      const { file } = await bundleOf(world);
      const current = await startApp(world, { version: '1.1.0' });
      const state = await current.updater.installFromBundle(file);
      const beta = await startApp(world);
      await beta.updater.setChannel('beta');
      const other = await beta.updater.installFromBundle(file);
      expect([state, other]).toMatchObject([
        {
          type: 'idle',
          lastError: { code: 'RELEASE_NOT_FOUND', message: expect.stringContaining('1.1.0 is installed.') as string },
        },
        { type: 'idle', lastError: { code: 'RELEASE_NOT_FOUND', message: expect.stringContaining('beta') as string } },
      ]);
    }));

  it('waits for nobody: it refuses while something is under way, and leaves updates that are off alone', async () =>
    inWorld(async (world) => {
      await world.release('1.1.0');
      const { file } = await bundleOf(world);
      const { updater } = await startApp(world);
      const { promise: begun, resolve } = Promise.withResolvers<void>();
      updater.subscribe(({ type }) => type === 'checking' && resolve());
      const checking = updater.check();
      await begun;
      await expect(updater.installFromBundle(file)).rejects.toMatchObject({ code: 'MANAGER_WRONG_STATE' });
      const off = await startApp(world, { policy: { disabled: true } });
      expect([(await checking).type, (await off.updater.installFromBundle(file)).type]).toEqual([
        'available',
        'disabled',
      ]);
    }));

  it('writes nothing for keys that are not the publisher’s', async () =>
    inWorld(async (world) => {
      await world.release('1.1.0');
      const config = {
        metadataUrl: `${world.web.url}/metadata/`,
        targetsUrls: [`${world.web.url}/content/`],
        publisher: keySetOf([publisherKey()]),
      };
      await expect(bundleOf(world, { config })).rejects.toMatchObject({ code: 'TRUST_PUBLISHER_UNSIGNED' });
      await expect(readFile(join(directory, 'notes.bundle'))).rejects.toMatchObject({ code: 'ENOENT' });
    }));
});
