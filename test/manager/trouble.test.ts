import { afterEach, describe, expect, it } from 'vitest';

import { statusView } from '../../demo-app/renderer/updates/status-view.ts';
import { lastErrorOf } from '../../src/main/electron/dialogs/content.ts';
import { generateSigningKey } from '../../src/repository/tuf/keys.ts';
import { closeApps, type ManagedOptions, startApp } from '../support/managed-app.ts';
import { inWorld, type World } from '../support/world.ts';

afterEach(closeApps);

interface Trouble {
  readonly what: string;
  readonly make: (world: World) => Promise<unknown>;
  readonly app?: ManagedOptions;
  /** The error's code, the kind of error, which chooses a dialog's words, the headline of the demo app's window. */
  readonly told: readonly [code: string, dialog: string, headline: string];
}

const patience = { quick: [], long: [] };

const troubles: readonly Trouble[] = [
  {
    what: 'cannot reach the server',
    make: ({ web }) => web.close(),
    told: ['TRUST_OFFLINE', 'offline', 'The update server cannot be reached'],
  },
  {
    what: 'gets expired metadata',
    make: ({ writer }) => writer.renew('2020-01-01T00:00:00Z'),
    told: ['TRUST_EXPIRED', 'server', 'No fresh news from the publisher'],
  },
  {
    what: 'has a clock that is one year ahead',
    make: () => Promise.resolve(),
    app: { ahead: 365 * 86_400_000 },
    told: ['TRUST_CLOCK', 'clock', 'The clock seems to be wrong'],
  },
  {
    what: 'gets metadata that an unknown key signed',
    make: ({ writer }) =>
      writer.forge('timestamp.json', (signed) => signed, [generateSigningKey({ name: 'stranger' })]),
    told: ['TRUST_UNSIGNED', 'untrusted', 'An update was refused'],
  },
  {
    what: 'gets errors from the server',
    make: async ({ web }) => {
      web.answer = (_path, response) => Promise.resolve(response.writeHead(500).end() !== undefined);
      return Promise.resolve();
    },
    told: ['TRUST_SERVER', 'server', 'The update server has a problem'],
  },
];

describe('the user sees', () => {
  it.each(troubles)('that the app $what', async ({ make, app, told }) =>
    inWorld(async (world) => {
      await world.release('1.1.0');
      await make(world);
      const { updater } = await startApp(world, { patience, ...app });
      const state = await updater.check();
      const error = lastErrorOf(state);
      expect([error?.code, error?.reason, statusView(state, { now: new Date() }).headline]).toEqual(told);
    }),
  );
});
