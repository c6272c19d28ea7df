// @module-tag slow
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';

import type { DownloadRequest } from '../../src/main/ports.ts';
import { systemCode } from '../../src/shared/errors.ts';
import {
  createDeltaRig,
  type DeltaFiles,
  type DeltaServer,
  makeDeltaFiles,
  startDeltaServer,
} from '../support/delta-rig.ts';
import { seededBytes } from '../support/random-bytes.ts';
import type { DownloaderTask } from './downloader.ts';

const old = seededBytes(3_000_000);
const fresh = Buffer.concat([old.subarray(0, 900_000), seededBytes(200_000, 2), old.subarray(1_000_000)]);

let files: DeltaFiles;
let server: DeltaServer;
beforeAll(async () => {
  files = await makeDeltaFiles(old, fresh);
  server = await startDeltaServer(files);
});
afterAll(async () => server.close());

const lanes = 2;
const kills = 200 / lanes;

it.concurrent.each(Array.from({ length: lanes }, (_, lane) => lane))(
  `what ${kills} kills at random moments leave is never wrong, and the next run goes on with it (lane %i)`,
  { timeout: 240_000 },
  async (lane) => {
    const rig = await createDeltaRig(files, [server.url]);
    const request = rig.request([await rig.seed('old', old)]);
    const task = await taskOf(request);
    let finished = 0;
    for (let kill = 0; kill < kills; kill += 1) {
      const child = start(JSON.stringify(task));
      const ended = once(child, 'exit');
      await Promise.race([once(child, 'message'), ended]);
      await delay(((kill * 37 + lane * 11) % 80) + 1);
      child.kill('SIGKILL');
      expect(await ended).toEqual([null, 'SIGKILL']);
      const found = await readFile(rig.to).catch((error: unknown) => {
        if (systemCode(error) !== 'ENOENT') throw error;
      });
      if (found !== undefined) finished += 1;
      expect({ kill, right: found?.equals(fresh) ?? true }).toEqual({ kill, right: true });
    }
    expect({
      isKilledOften: finished < kills,
      outcome: await rig.run(request),
      names: await rig.names(),
    }).toMatchObject({
      isKilledOften: true,
      outcome: { right: true },
      names: ['app'],
    });
    await rig.close();
  },
);

/** The part of a request that can be passed to another process. */
async function taskOf({ delta, ...request }: DownloadRequest): Promise<DownloaderTask> {
  const chunks = await delta?.chunks?.find();
  if (delta === undefined || chunks === undefined) throw new Error('The rig has no chunks.');
  const { chunks: _, ...rest } = delta;
  return { ...request, delta: rest, chunks };
}

function start(task: string): ChildProcess {
  return fork(join(import.meta.dirname, 'downloader.ts'), [server.url, task], {
    stdio: 'ignore',
    env: { ...process.env, NODE_COMPILE_CACHE: resolve(import.meta.dirname, '../../node_modules/.cache/compile') },
  });
}
