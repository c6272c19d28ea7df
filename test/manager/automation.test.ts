import { afterEach, describe, expect, it, vi } from 'vitest';

import type { UpdaterSettings } from '../../src/main/manager/policy/settings.ts';
import type { Deferral } from '../../src/shared/state.ts';
import { closeApps, type ManagedApp, publishChannel, startApp } from '../support/managed-app.ts';
import { inWorld } from '../support/world.ts';

const minute = 60_000;
const hour = 60 * minute;
afterEach(closeApps);

const becomes = async ({ updater }: ManagedApp, type: string): Promise<void> =>
  vi.waitFor(() => expect(updater.state.type).toBe(type), { timeout: 10_000, interval: 5 });
/** From half an hour ago to an hour from now, local time. */
function quietNow(): string {
  const at = (ms: number): string => new Date(Date.now() + ms).toTimeString().slice(0, 5);
  return `${at(-hour / 2)}-${at(hour)}`;
}
let isMetered = true;
const checks = ({ states }: ManagedApp): number => states.filter((type) => type === 'checking').length;

describe('a download that the user stops', () => {
  it('can be paused before it has started, and resumed', async () =>
    inWorld(async (world) => {
      await publishChannel(world, [{ version: '1.1.0' }], { revision: 1 });
      const { promise: begun, resolve } = Promise.withResolvers<void>();
      const control: string[] = [];
      const { updater } = await startApp(world, {
        download: (downloader) => ({
          ...downloader,
          start(request) {
            const task = downloader.start(request);
            queueMicrotask(resolve);
            return {
              ...task,
              pause() {
                control.push('pause');
                task.pause();
              },
              resume() {
                control.push('resume');
                task.resume();
              },
            };
          },
        }),
      });
      await updater.check();
      const done = updater.download();
      updater.pause();
      await begun;
      const paused = updater.state.type;
      updater.resume();
      expect({ paused, control, end: (await done).type }).toEqual({
        paused: 'paused',
        control: ['pause', 'resume'],
        end: 'staged',
      });
    }));

  it('stays cancelled until the next check', async () =>
    inWorld(async (world) => {
      await publishChannel(world, [{ version: '1.1.0' }], { revision: 1 });
      const app = await startApp(world, { settings: { automatic: true } });
      let asked = 0;
      world.web.answer = async (path, response) => {
        if (!path.includes('AppImage')) return Promise.resolve(false);
        asked += 1;
        response.writeHead(200, { 'content-length': 18 }).flushHeaders();
        return Promise.resolve(true);
      };
      app.clock.advance(minute);
      await vi.waitFor(() => expect(asked).toBe(1), { timeout: 10_000 });
      app.updater.cancel();
      await becomes(app, 'available');
      app.host.wake();
      app.clock.advance(hour);
      const cancelled = app.updater.state;
      const before = asked;
      world.web.answer = undefined;
      app.clock.advance(4 * hour);
      await becomes(app, 'staged');
      expect({ cancelled, requests: before }).toMatchObject({
        cancelled: { type: 'available', deferred: { reason: 'cancelled' } },
        requests: 1,
      });
    }));
});

describe('automatic updates', () => {
  it('send no request before the app calls, unless they are turned on', async () =>
    inWorld(async (world) => {
      const app = await startApp(world);
      app.host.wake();
      app.clock.advance(48 * hour);
      expect({ timers: app.clock.pending(), requests: world.web.requests }).toEqual({ timers: 0, requests: [] });
    }));

  it('check after the splay, download and stage automatically, and check again after the interval', async () =>
    inWorld(async (world) => {
      await publishChannel(world, [{ version: '1.1.0' }], { revision: 1 });
      const app = await startApp(world, { settings: { automatic: true } });
      app.clock.advance(minute - 1);
      const early = checks(app);
      app.clock.advance(1);
      await becomes(app, 'staged');
      await publishChannel(world, [{ version: '1.2.0' }, { version: '1.1.0' }], { revision: 2 });
      app.clock.advance(4 * hour);
      await vi.waitFor(
        () => expect(app.updater.state).toMatchObject({ type: 'staged', release: { version: '1.2.0' } }),
        {
          timeout: 10_000,
        },
      );
      expect({ early, checks: checks(app), installs: app.install.done }).toEqual({ early: 0, checks: 2, installs: [] });
    }));

  it('check again soon after a failure, and when the network returns', async () =>
    inWorld(async (world) => {
      const app = await startApp(world, { settings: { automatic: true } });
      await publishChannel(world, [], { revision: 1 });
      world.web.answer = async (_path, response) => {
        response.writeHead(503).end();
        return Promise.resolve(true);
      };
      app.clock.advance(minute);
      await vi.waitFor(() => expect(app.updater.state).toMatchObject({ lastError: { code: 'TRUST_SERVER' } }), {
        timeout: 10_000,
      });
      world.web.answer = undefined;
      app.host.wake();
      app.host.wake();
      app.clock.advance(minute);
      await vi.waitFor(
        () => expect(app.updater.state).toMatchObject({ type: 'idle', lastCheck: expect.any(String) as string }),
        {
          timeout: 10_000,
        },
      );
      expect(checks(app)).toBe(2);
    }));

  it.each<[Deferral['reason'], UpdaterSettings, (app: ManagedApp) => void]>([
    ['battery', { automatic: { onBattery: false } }, ({ host }) => (host.onBattery = false)],
    ['metered', { automatic: true, isMetered: () => isMetered }, () => (isMetered = false)],
    ['quiet-hours', { automatic: { quietHours: [quietNow()] } }, ({ clock }) => clock.advance(2 * hour)],
  ])('wait for %s if the app says so, show the reason, and continue afterwards', async (reason, settings, end) =>
    inWorld(async (world) => {
      isMetered = true;
      await world.release('1.1.0');
      const app = await startApp(world, { settings });
      app.host.onBattery = reason === 'battery';
      app.clock.advance(minute);
      await becomes(app, 'available');
      const put = app.updater.state;
      end(app);
      // Looked at again every five minutes.
      await vi.waitFor(
        () => {
          app.clock.advance(5 * minute);
          expect(app.updater.state.type).toBe('staged');
        },
        { timeout: 10_000 },
      );
      expect(put).toMatchObject({ deferred: { reason } });
    }),
  );

  it('restart for a critical release only if the app’s policy allows it', async () =>
    inWorld(async (world) => {
      await publishChannel(world, [{ version: '1.1.0', critical: true }], { revision: 1 });
      const settings = { automatic: { restartForCritical: true } };
      const app = await startApp(world, { settings });
      const careful = await startApp(world, { settings: { automatic: true } });
      app.clock.advance(minute);
      careful.clock.advance(minute);
      await vi.waitFor(() => expect(app.host.done).toEqual(['quit', 'exit']), { timeout: 10_000 });
      await becomes(careful, 'staged');
      expect(careful.host.done).toEqual([]);
    }));
});

it('reports why a check failed, without the address', async () =>
  inWorld(async (world) => {
    await world.web.close();
    const { updater } = await startApp(world);
    const state = await updater.check();
    const { summary, text } = await updater.diagnostics();
    expect({ state, summary, hasAddress: text.includes('127.0.0.1') }).toMatchObject({
      state: {
        type: 'idle',
        lastError: { code: 'TRUST_OFFLINE', message: expect.stringContaining('127.0.0.1') as string },
      },
      summary:
        'The last try did not work out: The update repository cannot be reached. Check the network, and try again.',
      hasAddress: false,
    });
  }));

it('creates a report without paths, addresses and ids', async () =>
  inWorld(async (world) => {
    await world.release('1.1.0');
    const { updater, home } = await startApp(world);
    await updater.check();
    const { text, facts } = await updater.diagnostics();
    expect({
      facts,
      leaks: [home, world.web.url, '127.0.0.1'].filter((secret) => text.includes(secret)),
    }).toMatchObject({
      facts: { app: 'org.example.notes', version: '1.0.0', state: 'available', channel: 'stable', rootVersion: 1 },
      leaks: [],
    });
  }));
