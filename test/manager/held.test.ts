import { afterEach, describe, expect, it } from 'vitest';

import type { Downloader } from '../../src/main/ports.ts';
import { closeApps, startApp } from '../support/managed-app.ts';
import { inWorld } from '../support/world.ts';

afterEach(closeApps);

/** A downloader whose plan ends only when it is aborted. */
function holding(): { readonly asked: Promise<void>; readonly held: (downloader: Downloader) => Downloader } {
  const { promise: asked, resolve } = Promise.withResolvers<void>();
  return {
    asked,
    held: (downloader) => ({
      ...downloader,
      async plan({ signal }) {
        resolve();
        return new Promise((_resolve, reject) => {
          signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
        });
      },
    }),
  };
}

describe('a mirror that delays the download plan', () => {
  it('delays the check for at most 30 seconds, then the plan is the whole file', async () =>
    inWorld(async (world) => {
      await world.release('1.1.0');
      const { asked, held } = holding();
      const { updater, clock } = await startApp(world, { download: held });
      const checked = updater.check();
      await asked;
      clock.advance(30_000);
      const available = await checked;
      expect({ available, timers: clock.pending() }).toMatchObject({
        available: { type: 'available', downloadSize: 18, fullSize: 18 },
        timers: 0,
      });
    }));

  it('does not prevent the app from closing its updater', async () =>
    inWorld(async (world) => {
      await world.release('1.1.0');
      const { asked, held } = holding();
      const { updater } = await startApp(world, { download: held });
      const checked = updater.check();
      await asked;
      await updater.close();
      expect(await checked).toMatchObject({ type: 'idle', lastError: { code: 'CANCELLED' } });
    }));
});

describe('an app whose isMetered throws', () => {
  it('still gets updates', async () =>
    inWorld(async (world) => {
      await world.release('1.1.0');
      let isBroken = false;
      const { updater } = await startApp(world, {
        settings: {
          isMetered() {
            if (isBroken) throw new Error('played');
            return false;
          },
        },
      });
      await updater.check({ manual: false });
      await updater.remindLater();
      isBroken = true;
      expect(await updater.check({ manual: false })).toMatchObject({ type: 'available' });
    }));
});

describe('a check whose error handling fails', () => {
  it('ends, and the next one runs', async () =>
    inWorld(async (world) => {
      await world.release('1.1.0');
      let isBroken = false;
      const { updater } = await startApp(world, {
        install: {
          quarantined: async () => (isBroken ? Promise.reject(new Error('EIO: played')) : Promise.resolve([])),
        },
      });
      await updater.check();
      await updater.download();
      isBroken = true;
      const broken = await updater.check();
      isBroken = false;
      expect({ broken, next: await updater.check() }).toMatchObject({
        broken: { type: 'idle', lastError: { code: 'MANAGER_UNEXPECTED' } },
        next: { type: 'staged' },
      });
    }));
});

describe('many requests for the same preview', () => {
  it('share one answer', async () =>
    inWorld(async (world) => {
      await world.release('1.1.0');
      const { updater } = await startApp(world);
      await updater.previewChannel('stable');
      const before = world.web.requests.length;
      await updater.previewChannel('stable');
      const once = world.web.requests.length - before;
      const previews = await Promise.all(Array.from({ length: 40 }, async () => updater.previewChannel('stable')));
      expect({ requests: world.web.requests.length - before, previews: new Set(previews).size }).toEqual({
        requests: 2 * once,
        previews: 1,
      });
    }));
});
