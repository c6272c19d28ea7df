import { afterEach, describe, expect, it } from 'vitest';

import type { Downloader } from '../../src/main/ports.ts';
import { closeApps, startApp } from '../support/managed-app.ts';
import { inWorld } from '../support/world.ts';

afterEach(closeApps);

/** A room whose plan takes as long as a mirror likes: it ends only when it is told to. */
function holding(): { readonly asked: Promise<void>; readonly room: (room: Downloader) => Downloader } {
  const { promise: asked, resolve } = Promise.withResolvers<void>();
  return {
    asked,
    room: (room) => ({
      ...room,
      async plan({ signal }) {
        resolve();
        return new Promise((_resolve, reject) => {
          signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
        });
      },
    }),
  };
}

describe('a mirror that holds the look for a cheaper way', () => {
  it('holds the check for half a minute: then the whole file is what is offered', async () =>
    inWorld(async (world) => {
      await world.release('1.1.0');
      const { asked, room } = holding();
      const { updater, clock } = await startApp(world, { download: room });
      const checked = updater.check();
      await asked;
      clock.advance(30_000);
      const available = await checked;
      expect([available, clock.pending()]).toMatchObject([{ type: 'available', downloadSize: 18, fullSize: 18 }, 0]);
    }));

  it('does not keep the app from closing its updater', async () =>
    inWorld(async (world) => {
      await world.release('1.1.0');
      const { asked, room } = holding();
      const { updater } = await startApp(world, { download: room });
      const checked = updater.check();
      await asked;
      await updater.close();
      expect(await checked).toMatchObject({ type: 'idle', lastError: { code: 'CANCELLED' } });
    }));
});

describe('an app whose isMetered fails', () => {
  it('is updated all the same', async () =>
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

describe('a check that cannot even fail as it should', () => {
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
      expect([broken, await updater.check()]).toMatchObject([
        { type: 'idle', lastError: { code: 'MANAGER_UNEXPECTED' } },
        { type: 'staged' },
      ]);
    }));
});

describe('a page that asks for the same preview again and again', () => {
  it('gets the answer of one', async () =>
    inWorld(async (world) => {
      await world.release('1.1.0');
      const { updater } = await startApp(world);
      await updater.previewChannel('stable');
      const before = world.web.requests.length;
      await updater.previewChannel('stable');
      const once = world.web.requests.length - before;
      const previews = await Promise.all(Array.from({ length: 40 }, async () => updater.previewChannel('stable')));
      expect([world.web.requests.length - before, new Set(previews).size]).toEqual([2 * once, 1]);
    }));
});
