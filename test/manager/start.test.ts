import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';

import { UpdateError } from '../../src/shared/errors.ts';
import { closeApps, type ManagedApp, startApp } from '../support/managed-app.ts';
import { publisherKey } from '../support/publisher.ts';
import { artifact, inWorld, type World } from '../support/world.ts';

afterEach(closeApps);

/** An app that staged 1.1.0 and ended. */
async function ended(world: World): Promise<ManagedApp> {
  await world.release('1.1.0');
  const app = await startApp(world, { patience: { quick: [], long: [] } });
  await app.updater.check();
  await app.updater.download();
  return app;
}

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: played`), { code });
}

describe('a staged update that the metadata no longer lists', () => {
  it('is discarded if index and metadata disagree, and the repaired repository is followed again', async () =>
    inWorld(async (world) => {
      const { updater, home } = await ended(world);
      const { file } = artifact('1.1.0');
      await world.writer.publish({ ...file, custom: { ...file.custom, arches: ['arm64'] } });
      await updater.check();
      await updater.close();
      const during = await startApp(world, { home, pid: 4_000_001 });
      const found = [during.updater.state, await during.updater.check()];
      await during.updater.close();
      await world.writer.publish(file);
      await world.release('1.2.0');
      const after = await startApp(world, { home, pid: 4_000_002 });
      expect([...found, await after.updater.check()]).toMatchObject([
        { type: 'idle' },
        { type: 'idle', lastError: { code: 'TRUST_DISAGREE' } },
        { type: 'available', release: { version: '1.2.0' } },
      ]);
    }));

  it('is discarded by a build with other publisher keys', async () =>
    inWorld(async (world) => {
      const { updater, home } = await ended(world);
      await updater.close();
      const rekeyed: World = { ...world, keys: [publisherKey(), publisherKey()] };
      const next = await startApp(rekeyed, { home, version: '1.0.1', pid: 4_000_001 });
      const start = next.updater.state;
      expect({ atStart: start, checked: await next.updater.check() }).toMatchObject({
        atStart: { type: 'idle' },
        checked: { type: 'idle', lastError: { code: 'TRUST_PUBLISHER_UNSIGNED' } },
      });
    }));
});

describe('a call before the recovery at start has ended', () => {
  it.each(['confirmHealthy', 'pointOfNoReturn'] as const)('waits for it: %s()', async (method) =>
    inWorld(async (world) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      const { updater, install } = await startApp(world, {
        started: false,
        install: {
          async recover() {
            await promise;
            install.done.push('recover');
            return { type: 'nothing' };
          },
        },
      });
      const said = updater[method]();
      await delay(50);
      resolve();
      await said;
      expect(install.done).toEqual(['recover', method === 'confirmHealthy' ? 'confirm' : 'point of no return']);
    }),
  );

  it('confirms nothing if updates are off', async () =>
    inWorld(async (world) => {
      const { updater, install } = await startApp(world, { started: false });
      updater.disable('development', { reason: 'development', params: {} });
      await updater.confirmHealthy();
      await updater.pointOfNoReturn();
      expect(install.done).toEqual([]);
    }));
});

describe('a start that fails', () => {
  it('is repeated by the next check', async () =>
    inWorld(async (world) => {
      await world.release('1.1.0');
      let isBroken = true;
      const { updater } = await startApp(world, {
        started: false,
        beforeServices() {
          if (isBroken) throw systemError('EMFILE');
        },
      });
      await expect(updater.whenReady()).rejects.toThrow('EMFILE');
      const failed = await updater.check();
      isBroken = false;
      expect({ failed, next: await updater.check() }).toMatchObject({
        failed: { type: 'idle', lastError: { code: 'MANAGER_UNEXPECTED' } },
        next: { type: 'available' },
      });
    }));

  it('does not fail because of an error after the recovery: the next check is possible', async () =>
    inWorld(async (world) => {
      const { updater, home } = await ended(world);
      await updater.close();
      let isBroken = true;
      const next = await startApp(world, {
        home,
        pid: 4_000_001,
        install: {
          canInstall: async () => (isBroken ? Promise.reject(systemError('EIO')) : Promise.resolve({ ok: true })),
        },
      });
      const start = next.updater.state;
      isBroken = false;
      expect({ atStart: start, checked: await next.updater.check() }).toMatchObject({
        atStart: { type: 'idle' },
        checked: { type: 'staged' },
      });
    }));

  it('turns updates off for an invalid configuration, but not for an unreadable disk', async () =>
    inWorld(async (world) => {
      const start = async (cause?: Error) =>
        startApp(world, {
          started: false,
          beforeServices() {
            throw new UpdateError('OPTIONS_CONFIG_INVALID', 'root.json cannot be read.', { cause });
          },
        });
      const wrong = await start();
      const unreadable = await start(systemError('EIO'));
      await expect(unreadable.updater.whenReady()).rejects.toThrow('root.json');
      expect({ wrong: await wrong.updater.whenReady(), unreadable: unreadable.updater.state }).toEqual({
        wrong: {
          type: 'disabled',
          reason: 'misconfigured',
          explanation: { reason: 'misconfigured', params: { detail: 'root.json cannot be read.' } },
          message: 'root.json cannot be read.',
        },
        unreadable: { type: 'idle' },
      });
    }));
});
