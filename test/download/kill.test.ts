// @module-tag slow
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type EvilServer, startEvilServer, trickling } from '../support/evil-server.ts';
import { seededBytes } from '../support/random-bytes.ts';
import { trustedTarget } from '../support/trusted-target.ts';
import type { KillJob } from './kill-child.ts';

const bytes = seededBytes(6_000_000);
const target = trustedTarget(bytes);
const kills = 200;
const killsPerFile = 8;
/** The most bytes that a kill may cost. */
const priceOfAKill = 1024 * 1024;

describe(`a download that is killed ${kills} times`, () => {
  let directory: string;
  let server: EvilServer;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'kill-'));
    server = await startEvilServer(bytes);
    server.always(trickling(64 * 1024, 2));
  });
  afterAll(async () => {
    await server.close();
    await rm(directory, { recursive: true, force: true });
  });

  interface Run {
    readonly killed: boolean;
    readonly received: number;
  }

  /** Runs a child and kills it at a random moment within the usual duration of a download, or lets it finish. */
  async function runChild(to: string, mayLive: boolean): Promise<Run> {
    const count = `${to}.count`;
    const job: KillJob = { baseUrl: server.url, target, to, count };
    const cached = { ...process.env, NODE_COMPILE_CACHE: join(directory, 'cache') };
    const child = spawn(process.execPath, [join(import.meta.dirname, 'kill-child.ts'), JSON.stringify(job)], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: cached,
    });
    let complaint = '';
    child.stderr.on('data', (text: Buffer) => (complaint += text.toString()));
    const ended = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
    if (!mayLive) {
      await Promise.race([server.nextRequest(), ended]);
      setTimeout(() => child.kill('SIGKILL'), Math.random() * 120);
    }
    const [code, signal] = await ended;
    if (signal === null && code !== 0) throw new Error(`The child ended with ${code}: ${complaint}`);
    const received = Number(await readFile(count, 'utf8').catch(() => '0'));
    await rm(count, { force: true });
    return { killed: signal === 'SIGKILL', received };
  }

  it('produces the right file each time, and a kill costs almost nothing', { timeout: 240_000 }, async () => {
    let killed = 0;
    const files: unknown[] = [];
    const lane = async (name: number): Promise<void> => {
      const to = join(directory, `${name}.bin`);
      while (killed < kills) {
        let [killsHere, received] = [0, 0];
        for (;;) {
          const run = await runChild(to, killsHere >= killsPerFile);
          received += run.received;
          if (!run.killed) break;
          killsHere++;
          killed++;
        }
        const wasted = received - bytes.length;
        files.push({ right: (await readFile(to)).equals(bytes), cheap: wasted <= killsHere * priceOfAKill });
        await rm(to);
      }
    };
    await Promise.all(Array.from({ length: Math.max(4, availableParallelism()) }, (_, index) => lane(index)));
    expect(files).toEqual(files.map(() => ({ right: true, cheap: true })));
    expect(killed).toBeGreaterThanOrEqual(kills);
    expect((await readdir(directory)).filter((name) => name !== 'cache')).toEqual([]);
  });
});
