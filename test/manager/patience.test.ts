import { afterEach, describe, expect, it } from 'vitest';

import { closeApps, startApp } from '../support/managed-app.ts';
import { inWorld, type World } from '../support/world.ts';

afterEach(closeApps);

/** Leaves the snapshot out of the next answers, as while a repository is being written. Tells when it was asked for. */
function unsettle({ web }: World, times: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let left = times;
  web.answer = (path, response) => {
    const isMissing = path.endsWith('snapshot.json') && left-- > 0;
    if (isMissing) response.writeHead(404).end(() => resolve());
    return Promise.resolve(isMissing);
  };
  return promise;
}

describe('a repository that is being written', () => {
  const patience = { quick: [0], long: [0, 0, 0, 0] };

  it('is tried five times by a scheduled check, and twice by a manual one', async () =>
    inWorld(async (world) => {
      await world.release('1.1.0');
      const [background, person] = [await startApp(world, { patience }), await startApp(world, { patience, pid: 1 })];
      void unsettle(world, 4);
      const scheduled = await background.updater.check({ manual: false });
      void unsettle(world, 2);
      const asked = await person.updater.check();
      expect({ scheduled, asked }).toMatchObject({
        scheduled: { type: 'available', release: { version: '1.1.0' } },
        asked: { type: 'idle', lastError: { code: 'TRUST_FILE_MISSING' } },
      });
    }));

  it('does not make a manual check wait for the retries of a scheduled one', async () =>
    inWorld(async (world) => {
      await world.release('1.1.0');
      const { updater, states } = await startApp(world, { patience: { quick: [], long: [3_600_000] } });
      const asked = unsettle(world, 1);
      const scheduled = updater.check({ manual: false });
      await asked;
      const state = await updater.check();
      expect({ scheduled: (await scheduled).type, asked: state.type, states }).toEqual({
        scheduled: 'idle',
        asked: 'available',
        states: ['checking', 'idle', 'checking', 'available'],
      });
    }));
});
