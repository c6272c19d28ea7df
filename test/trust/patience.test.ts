import { readFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { createClient } from '../../src/main/client.ts';
import type { Clock, Logger } from '../../src/main/ports.ts';
import { createRecordingLogger } from '../support/logger.ts';
import { coded, inWorld, type World } from '../support/world.ts';

/** A clock whose waits end at once. It records them. */
function hastyClock(now: () => number = Date.now): Clock & { readonly waits: number[] } {
  const waits: number[] = [];
  return {
    waits,
    now,
    after(ms, run) {
      waits.push(ms);
      setImmediate(run);
      return () => undefined;
    },
  };
}

async function check(
  world: World,
  clock: Clock,
  { patience = 'quick', logger }: { readonly patience?: 'quick' | 'long'; readonly logger?: Logger } = {},
): Promise<number | string> {
  const { home } = await world.install();
  const client = createClient({
    config: { metadataUrl: `${world.web.url}/metadata/`, targetsUrls: [world.web.url], publisher: 'none' },
    anchor: { type: 'root', bytes: world.writer.anchor },
    directory: home,
    clock,
    ...(logger === undefined ? {} : { logger }),
  });
  try {
    return await coded(async () => (await client.tuf.refresh({ patience })).timestampVersion);
  } finally {
    await client.close();
  }
}

/** Answers the first `times` requests for a file in this way. */
function failing({ web }: World, suffix: string, times: number, answer: (response: ServerResponse) => void): void {
  let left = times;
  web.answer = (path, response) => {
    const isMine = path.endsWith(suffix) && left-- > 0;
    if (isMine) answer(response);
    return Promise.resolve(isMine);
  };
}

describe('a repository that is being written', () => {
  const missing = (response: ServerResponse): void => void response.writeHead(404).end();

  it.each([
    ['quick', 1, 1, [250]],
    ['quick', 2, 'TRUST_FILE_MISSING', [250]],
    ['long', 4, 1, [250, 5_000, 30_000, 120_000]],
    ['long', 5, 'TRUST_FILE_MISSING', [250, 5_000, 30_000, 120_000]],
  ] as const)('gets %s retries: %i missing files end with %j', async (patience, times, result, waits) => {
    await inWorld(async (world) => {
      const clock = hastyClock();
      failing(world, 'snapshot.json', times, missing);
      expect([await check(world, clock, { patience }), clock.waits]).toEqual([result, waits]);
    });
  });

  it('is fetched again past the caches', async () => {
    await inWorld(async (world) => {
      const asked: (string | undefined)[] = [];
      world.web.answer = (path, response) => {
        const isMissing = path.endsWith('snapshot.json') && !asked.includes('no-cache');
        asked.push(response.req.headers['cache-control']);
        if (isMissing) response.writeHead(404).end();
        return Promise.resolve(isMissing);
      };
      expect([await check(world, hastyClock()), asked]).toEqual([
        1,
        [undefined, undefined, undefined, ...Array.from({ length: 4 }, () => 'no-cache')],
      ]);
    });
  });

  it.each([1, 2])('may have a longer file than listed, %i times', async (times) => {
    await inWorld(async (world) => {
      const { length } = await readFile(join(world.writer.metadata, '1.snapshot.json'));
      const meta = { 'snapshot.json': { version: 1, length } };
      await world.writer.forge('timestamp.json', (signed) => ({ ...signed, meta }));
      failing(world, 'snapshot.json', times, (response) => response.end(Buffer.alloc(length + 1)));
      expect(await check(world, hastyClock())).toBe(times === 1 ? 1 : 'TRUST_MISMATCH');
    });
  });
});

describe('a busy server', () => {
  it('is asked three times, never before its Retry-After', async () => {
    await inWorld(async (world) => {
      const clock = hastyClock();
      failing(world, 'timestamp.json', 2, (response) => response.writeHead(503, { 'retry-after': '7' }).end());
      expect([await check(world, clock), clock.waits]).toEqual([1, [7000, 7000]]);
    });
  });

  it('that stays busy, and a connection that keeps breaking, are not reported as an attack', async () => {
    await inWorld(async (world) => {
      failing(world, 'timestamp.json', 99, (response) => response.writeHead(503).end());
      const busy = await check(world, hastyClock());
      failing(world, 'timestamp.json', 99, (response) => response.destroy());
      const broken = await check(world, hastyClock());
      await world.web.close();
      expect({
        busy,
        broken,
        offline: await check(world, hastyClock()),
      }).toEqual({
        busy: 'TRUST_SERVER',
        broken: 'TRUST_OFFLINE',
        offline: 'TRUST_OFFLINE',
      });
    });
  });
});

describe('a clock', () => {
  const year = 365 * 86_400_000;

  it('far ahead is distinguished from expired metadata', async () => {
    await inWorld(async (world) => {
      const ahead = await check(
        world,
        hastyClock(() => Date.now() + year),
      );
      await world.writer.renew('2020-01-01T00:00:00Z');
      expect([ahead, await check(world, hastyClock())]).toEqual(['TRUST_CLOCK', 'TRUST_EXPIRED']);
    });
  });

  it('far behind does not prevent a check, and is logged', async () => {
    await inWorld(async (world) => {
      const logger = createRecordingLogger();
      const behind = hastyClock(() => Date.now() - year);
      const told: unknown = expect.stringMatching(/^warn: .* clock seems to be 365 days behind/);
      expect([await check(world, behind, { logger }), logger.lines.at(-1)]).toEqual([1, told]);
    });
  });
});
