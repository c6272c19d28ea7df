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
  it('verifies and stages without network, also after root rotations', async () =>
    inWorld(async (world) => {
      await world.release('1.1.0');
      await world.writer.rotate();
      const report = await bundleOf(world);
      world.web.answer = offline;
      const asked = world.web.requests.length;
      const { updater, states, outcomes } = await startApp(world);
      const state = await updater.installFromBundle(report.file);
      expect({
        state,
        requests: world.web.requests.length - asked,
        outcomes: outcomes.map(({ type }) => type),
      }).toMatchObject({
        state: { type: 'staged', release: { version: '1.1.0' }, installAt: 'quit' },
        requests: 0,
        outcomes: ['offered', 'downloaded'],
      });
      expect(states).toEqual(['checking', 'available', 'downloading', 'verifying', 'staged']);
      expect(report).toMatchObject({ version: '1.1.0', kinds: ['appimage'] });
    }));

  it('refuses changed, truncated, old, unsigned and invalid bundles with an error code', async () =>
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
      expect({
        spoilt: await code('spoilt'),
        cut: await code('cut'),
        none: await code('none'),
        missing: await code('missing'),
        older,
      }).toMatchObject({
        spoilt: 'DOWNLOAD_MISMATCH',
        cut: 'OPTIONS_INVALID',
        none: 'OPTIONS_INVALID',
        missing: 'OPTIONS_INVALID',
        older: { type: 'available', release: { version: '1.2.0' }, lastError: { code: 'TRUST_ROLLBACK' } },
      });
    }));

  it('reports a bundle without an update for this installation', async () =>
    inWorld(async (world) => {
      await publishChannel(world, [{ version: '1.1.0' }], { revision: 1 });
      const { file } = await bundleOf(world);
      const current = await startApp(world, { version: '1.1.0' });
      const state = await current.updater.installFromBundle(file);
      const beta = await startApp(world);
      await beta.updater.setChannel('beta');
      const other = await beta.updater.installFromBundle(file);
      expect({ current: state, otherChannel: other }).toMatchObject({
        current: {
          type: 'idle',
          lastError: { code: 'RELEASE_NOT_FOUND', message: expect.stringContaining('1.1.0 is installed.') as string },
        },
        otherChannel: {
          type: 'idle',
          lastError: { code: 'RELEASE_NOT_FOUND', message: expect.stringContaining('beta') as string },
        },
      });
    }));

  it('throws while a check is running, and does nothing if updates are off', async () =>
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
      expect({ checked: (await checking).type, off: (await off.updater.installFromBundle(file)).type }).toEqual({
        checked: 'available',
        off: 'disabled',
      });
    }));

  it('writes no bundle with keys that are not the publisher’s', async () =>
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
