import { afterEach, describe, expect, it } from 'vitest';

import type { DownloadRoom } from '../../src/main/ports.ts';
import { closeApps, startApp } from '../support/managed-app.ts';
import { inWorld } from '../support/world.ts';

afterEach(closeApps);

/** A room whose plan takes as long as a mirror likes: it ends only when it is told to. */
function holding(): { readonly asked: Promise<void>; readonly room: (room: DownloadRoom) => DownloadRoom } {
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
      expect(await checked).toMatchObject({ type: 'idle', lastError: { code: 'DOWNLOAD_CANCELLED' } });
    }));
});
