import { execFileSync } from 'node:child_process';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { type Client, createClient } from '../../src/main/client.ts';
import { mounting, requires } from '../support/requires.ts';
import { coded, inWorld, type World } from '../support/world.ts';

// Pitfalls found in another client, one test each. test/trust/README.md lists where the others are tested.

function clientOf({ web, writer }: World, directory: string): Client {
  return createClient({
    config: { metadataUrl: `${web.url}/metadata/`, targetsUrls: [web.url], publisher: 'none' },
    anchor: { type: 'root', bytes: writer.anchor },
    directory,
    patience: { quick: [], long: [] },
  });
}

const refresh = ({ tuf }: Client): Promise<number | string> =>
  coded(async () => (await tuf.refresh()).timestampVersion);

it('trap 3: a request is retried if the connection breaks during the body', async () => {
  await inWorld(async (world) => {
    let breaks = 2;
    world.web.answer = (path, response) => {
      const isMine = path.endsWith('snapshot.json') && breaks-- > 0;
      if (isMine) response.writeHead(200, { 'content-length': 500 }).write('{"signed"', () => response.destroy());
      return Promise.resolve(isMine);
    };
    const { home } = await world.install();
    const client = clientOf(world, home);
    expect([await refresh(client), breaks]).toEqual([1, -1]);
    await client.close();
  });
});

describe('trap 4', requires(mounting), () => {
  it('a full disk at any write of the store ends neither the check nor the process', async () => {
    await inWorld(async (world) => {
      const { home } = await world.install();
      const disk = join(home, 'disk');
      await mkdir(disk);
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=128k', 'tmpfs', disk]);
      try {
        const results = [];
        const kept: boolean[] = [];
        for (let free = 0; free < 12; free++) {
          await fill(join(disk, 'filler'), free);
          const client = clientOf(world, join(disk, 'store'));
          const twice = [await refresh(client), await refresh(client)];
          await client.close();
          const names = await readdir(disk, { recursive: true });
          results.push({ twice, left: names.filter((name) => name.endsWith('.tmp')) });
          kept.push(names.some((name) => name.endsWith('timestamp.json')));
          await rm(join(disk, 'store'), { recursive: true, force: true });
        }
        expect(results).toEqual(Array.from({ length: 12 }, () => ({ twice: [1, 1], left: [] })));
        expect([kept.at(0), kept.at(-1)]).toEqual([false, true]);
      } finally {
        execFileSync('umount', ['--lazy', disk]);
      }
    });
  });
});

/** Leaves `pages` pages free on a small disk. */
async function fill(file: string, pages: number): Promise<void> {
  await rm(file, { force: true });
  await writeFile(file, Buffer.alloc((32 - 1 - pages) * 4096));
}

it('trap 6: one client can check again, even after a failed check', async () => {
  await inWorld(async (world) => {
    const { home } = await world.install();
    const client = clientOf(world, home);
    const first = [await refresh(client), await refresh(client)];
    world.web.answer = (_path, response) => Promise.resolve(response.writeHead(500).end() !== undefined);
    const failed = await coded(async () => (await client.tuf.refresh({ signal: AbortSignal.timeout(50) })).requests);
    world.web.answer = undefined;
    await world.writer.renew();
    expect({ first, failed, last: await refresh(client) }).toEqual({ first: [1, 1], failed: 'CANCELLED', last: 2 });
    await client.close();
  });
});
