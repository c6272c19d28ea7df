import { readdir } from 'node:fs/promises';
import { afterEach, expect, it } from 'vitest';

import * as evil from '../support/evil-server.ts';
import { closeApps, startApp } from '../support/managed-app.ts';
import { inWorld } from '../support/world.ts';

afterEach(closeApps);

it('ends a request that has no other end', async () =>
  inWorld(async (world) => {
    const server = await evil.startEvilServer(Buffer.from(''));
    server.always(evil.silent);
    const { updater } = await startApp(world, {
      settings: { channels: ['stable', 'beta'] },
      policy: { metadataUrl: `${server.url}/` },
    });
    const preview = updater.previewChannel('beta').then(
      () => 'a preview',
      (error: unknown) => (error as { readonly code?: unknown }).code,
    );
    await server.nextRequest();
    const begun = performance.now();
    await updater.close();
    const code = await preview;
    const ms = performance.now() - begun;
    await server.close();
    // Without its end, the request would wait 15 seconds for an answer.
    expect({ code, isSoon: ms < 5000 }).toEqual({ code: 'CANCELLED', isSoon: true });
  }));

it('starts nothing after it was closed', async () =>
  inWorld(async (world) => {
    const { updater, home } = await startApp(world, { started: false });
    await updater.close();
    await updater.whenReady();
    expect(await readdir(home)).toEqual([]);
  }));
