import { expect, it } from 'vitest';

import { type Client, createClient } from '../../src/main/client.ts';
import { systemClock } from '../../src/main/node/clock.ts';
import type { TrustOptions } from '../../src/main/ports.ts';
import { tufTime } from '../../src/repository/tuf/json.ts';
import { coded, indexPath, inWorld, type World } from '../support/world.ts';

const hourMs = 3_600_000;

/** A client of a repository with one release. */
async function withClient(ahead: number, work: (client: Client, world: World) => Promise<void>): Promise<void> {
  await inWorld(async (world) => {
    await world.release('1.1.0');
    const { home } = await world.install();
    const client = createClient({
      config: { metadataUrl: `${world.web.url}/metadata/`, targetsUrls: [world.web.url], publisher: 'none' },
      anchor: { type: 'root', bytes: world.writer.anchor },
      directory: home,
      clock: { ...systemClock, now: () => Date.now() + ahead },
      patience: { quick: [], long: [] },
    });
    try {
      await work(client, world);
    } finally {
      await client.close();
    }
  });
}

const find = ({ tuf }: Client, options?: TrustOptions): Promise<string | number> =>
  coded(async () => (await tuf.target(indexPath, options)).path);

it('a lookup obeys its own signal, not that of the check before it', async () =>
  withClient(0, async (client) => {
    const check = new AbortController();
    await client.tuf.refresh({ signal: check.signal });
    check.abort();
    expect([await find(client, { signal: AbortSignal.abort() }), await find(client)]).toEqual(['CANCELLED', indexPath]);
  }));

it('of two lookups of one role, the one that is not cancelled continues', async () =>
  withClient(0, async (client, { web, writer }) => {
    await client.tuf.refresh();
    const { promise: isAsked, resolve: asked } = Promise.withResolvers<void>();
    let held = 0;
    web.answer = (path) => {
      const isHeld = path.endsWith(writer.fileOf(indexPath)) && held++ === 0;
      if (isHeld) asked();
      return Promise.resolve(isHeld);
    };
    const first = new AbortController();
    const both = [find(client, { signal: first.signal }), find(client)];
    await isAsked;
    first.abort();
    expect([await Promise.all(both), held]).toEqual([['CANCELLED', indexPath], 2]);
  }));

it('a clock that is ahead is distinguished from an expired role, even if only a delegated role looks expired', async () =>
  withClient(2 * hourMs, async (client, { writer }) => {
    const expires = tufTime(Date.now() + hourMs);
    await writer.forge(writer.fileOf(indexPath), (signed) => ({ ...signed, expires }));
    await client.tuf.refresh();
    expect(await find(client)).toBe('TRUST_CLOCK');
  }));
