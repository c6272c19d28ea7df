import type { ServerResponse } from 'node:http';

import { afterEach, describe, expect, it } from 'vitest';

import type { UpdateState } from '../../src/shared/state.ts';
import { closeApps, publishChannel, startApp } from '../support/managed-app.ts';
import { inWorld } from '../support/world.ts';

const day = 24 * 60 * 60_000;
const version = (state: UpdateState): string =>
  'release' in state ? `${state.type} ${state.release.version}` : state.type;

async function unavailable(_path: string, response: ServerResponse, status = 503): Promise<boolean> {
  response.writeHead(status).end();
  return Promise.resolve(true);
}

afterEach(closeApps);

describe('check and download', () => {
  it('goes from idle to staged, reports the outcomes, and is up to date afterwards', async () =>
    inWorld(async (world) => {
      await world.release('1.1.0');
      const app = await startApp(world);
      const available = await app.updater.check();
      const staged = await app.updater.download();
      const again = await app.updater.check();
      expect({ available, staged, again }).toMatchObject({
        available: { type: 'available', release: { version: '1.1.0' }, downloadSize: 18, fullSize: 18 },
        staged: { type: 'staged', release: { version: '1.1.0' }, installAt: 'quit' },
        again: { type: 'staged', release: { version: '1.1.0' }, installAt: 'quit' },
      });
      expect(app.states).toEqual(['checking', 'available', 'downloading', 'verifying', 'staged', 'checking', 'staged']);
      expect(app.outcomes.map(({ type, version, from, channel }) => [type, version, from, channel])).toEqual([
        ['offered', '1.1.0', '1.0.0', 'stable'],
        ['downloaded', '1.1.0', '1.0.0', 'stable'],
      ]);
      const next = await startApp(world, { home: app.home, version: '1.1.0', pid: 1 });
      expect({ atStart: version(next.updater.state), checked: version(await next.updater.check()) }).toEqual({
        atStart: 'idle',
        checked: 'idle',
      });
    }));

  it('runs one check at a time: a scheduled check joins, a manual check follows a scheduled one', async () =>
    inWorld(async (world) => {
      await world.release('1.1.0');
      const { updater, states } = await startApp(world);
      await Promise.all([updater.check(), updater.check({ manual: false }), updater.check()]);
      expect(states).toEqual(['checking', 'available']);
      await Promise.all([updater.check({ manual: false }), updater.check(), updater.check()]);
      expect(states).toEqual(['checking', 'available', 'checking', 'available', 'checking', 'available']);
    }));

  it('keeps an available or staged release if a later check fails, and discards a withdrawn one', async () =>
    inWorld(async (world) => {
      await publishChannel(world, [{ version: '1.1.0' }], { revision: 1 });
      const { updater } = await startApp(world);
      await updater.check();
      world.web.answer = unavailable;
      const availableStill = await updater.check();
      world.web.answer = undefined;
      await updater.check();
      await updater.download();
      world.web.answer = unavailable;
      const stagedStill = await updater.check();
      world.web.answer = undefined;
      await publishChannel(world, [{ version: '1.1.0', withdrawn: true }], { revision: 2 });
      const dropped = await updater.check();
      const lastError = { code: 'TRUST_SERVER' };
      expect({ availableStill, stagedStill, dropped }).toMatchObject({
        availableStill: { type: 'available', release: { version: '1.1.0' }, lastError },
        stagedStill: { type: 'staged', release: { version: '1.1.0' }, installAt: 'quit', lastError },
        dropped: { type: 'idle' },
      });
      await expect(updater.install('now')).rejects.toMatchObject({ code: 'MANAGER_WRONG_STATE' });
    }));

  it('joins a running or paused download', async () =>
    inWorld(async (world) => {
      await world.release('1.1.0');
      const { updater, states } = await startApp(world);
      await updater.check();
      const first = updater.download();
      const second = updater.download();
      updater.pause();
      const third = updater.download();
      updater.resume();
      const joined = (await Promise.all([first, second, third])).map(({ type }) => type);
      expect({ joined, states }).toMatchObject({
        joined: ['staged', 'staged', 'staged'],
        states: ['checking', 'available', 'downloading', 'paused', 'downloading', 'verifying', 'staged'],
      });
      await expect(updater.download()).rejects.toMatchObject({ code: 'MANAGER_WRONG_STATE' });
    }));

  it('offers a release again after a failed download, with the error', async () =>
    inWorld(async (world) => {
      await world.release('1.1.0');
      const { updater, outcomes } = await startApp(world);
      await updater.check();
      world.web.answer = async (path, response) =>
        path.includes('Notes-1.1.0') ? unavailable(path, response, 404) : Promise.resolve(false);
      const failed = await updater.download();
      world.web.answer = undefined;
      expect(failed).toMatchObject({ type: 'available', lastError: { code: 'DOWNLOAD_NOT_FOUND' } });
      expect({
        downloaded: version(await updater.download()),
        outcomes: outcomes.map(({ type, code }) => code ?? type),
      }).toEqual({ downloaded: 'staged 1.1.0', outcomes: ['offered', 'DOWNLOAD_NOT_FOUND', 'downloaded'] });
    }));

  it('is stale once the metadata has expired and no check succeeds', async () =>
    inWorld(async (world) => {
      const app = await startApp(world);
      await publishChannel(world, [], { revision: 1 });
      await app.updater.check();
      world.web.answer = unavailable;
      const failed = await app.updater.check();
      app.clock.sleep(31 * day);
      const stale = await app.updater.check();
      expect({ failed, stale }).toMatchObject({
        failed: { type: 'idle', lastError: { code: 'TRUST_SERVER' } },
        stale: {
          type: 'stale',
          since: new Date(app.updater.lastTrust?.expires ?? '').toISOString(),
          lastError: { code: 'TRUST_SERVER' },
        },
      });
      expect((await app.updater.diagnostics()).summary).toContain('it cannot be told whether there is something newer');
      world.web.answer = undefined;
      expect(version(await app.updater.check())).toBe('idle');
    }));

  it('finds the index of another architecture if its own has none', async () =>
    inWorld(async (world) => {
      await publishChannel(world, [{ version: '1.1.0' }], { revision: 1, arch: 'universal' });
      const { updater } = await startApp(world);
      expect(version(await updater.check())).toBe('available 1.1.0');
    }));

  it('follows a publisher from builds of one architecture to universal ones, and installs them', async () =>
    inWorld(async (world) => {
      await publishChannel(world, [{ version: '1.1.0' }], { revision: 7 });
      const { updater } = await startApp(world, { version: '1.1.0' });
      const before = version(await updater.check());
      await publishChannel(world, [{ version: '1.2.0' }], { revision: 1, arch: 'universal' });
      const found = version(await updater.check());
      const staged = version(await updater.download());
      expect({ before, found, staged }).toEqual({
        before: 'idle',
        found: 'available 1.2.0',
        staged: 'staged 1.2.0',
      });
    }));
});

describe('what the user decides', () => {
  it('skips a version in scheduled checks, shows it in a manual check, and offers a newer one', async () =>
    inWorld(async (world) => {
      await publishChannel(world, [{ version: '1.1.0' }], { revision: 1 });
      const { updater, home } = await startApp(world);
      await updater.check();
      await updater.download();
      const skipped = await updater.skip();
      const scheduled = await updater.check({ manual: false });
      const report = await updater.diagnostics();
      const asked = await updater.check();
      const other = await startApp(world, { home, pid: 1 });
      const remembered = await other.updater.check({ manual: false });
      await publishChannel(world, [{ version: '1.2.0' }, { version: '1.1.0' }], { revision: 2 });
      const newer = await other.updater.check({ manual: false });
      expect([skipped, scheduled, asked, remembered, newer].map(version)).toEqual([
        'idle',
        'idle',
        'available 1.1.0',
        'idle',
        'available 1.2.0',
      ]);
      expect({ summary: report.summary, releases: report.releases }).toEqual({
        summary: '1.0.0 is not offered an update; the reasons are below.',
        releases: ['1.1.0 was skipped by the user.'],
      });
    }));

  it('cannot skip a critical release, or decide without a release', async () =>
    inWorld(async (world) => {
      await publishChannel(world, [{ version: '1.1.0', critical: true }], { revision: 1 });
      const { updater } = await startApp(world);
      await expect(updater.skip()).rejects.toMatchObject({ code: 'MANAGER_WRONG_STATE' });
      await updater.check();
      await expect(updater.skip()).rejects.toMatchObject({ code: 'MANAGER_CRITICAL' });
      await expect(updater.remindLater(0)).rejects.toMatchObject({ code: 'OPTIONS_INVALID' });
      expect(version(updater.state)).toBe('available 1.1.0');
    }));

  it('defers a release, also after a restart, until the time has come or the user checks', async () =>
    inWorld(async (world) => {
      await world.release('1.1.0');
      const first = await startApp(world);
      await first.updater.check();
      const later = await first.updater.remindLater();
      const { updater, clock } = await startApp(world, { home: first.home, pid: 1 });
      const scheduled = await updater.check({ manual: false });
      const asked = await updater.check();
      clock.advance(day);
      const due = await updater.check({ manual: false });
      const deferred = [later, scheduled, asked, due].map((state) =>
        'deferred' in state ? state.deferred?.reason : state.type,
      );
      expect(deferred).toEqual(['remind-later', 'remind-later', 'available', 'available']);
    }));
});
