// @module-tag slow
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { openRepositoryStore, serveRepository } from '../../src/repository/index.ts';
import { refreshedClient } from './served.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'crash-'));
});
afterEach(async () => rm(directory, { recursive: true, force: true }));

const kills = 60;

it(`keeps every promise through ${kills} kills at random moments`, { timeout: 300_000 }, async () => {
  const promised: string[] = [];
  for (let round = 0; round < kills; round += 1) {
    // Every third time it is killed while it starts.
    const killed = round % 3 === 0 ? killAtStart(`r${round}`) : publishUntilKilled(`r${round}`);
    promised.push(...(await killed));
    // A client that has seen every round must accept what the crash left and the restart made of it.
    const repository = await serveRepository({ directory: join(directory, 'repository') });
    try {
      const client = await refreshedClient(repository, join(directory, 'client'));
      const missing = [];
      for (const path of promised.slice(-20)) if ((await client.getTargetInfo(path)) === undefined) missing.push(path);
      expect({ round, missing, jobs: repository.store.journal.jobs.length }).toEqual({ round, missing: [], jobs: 0 });
    } finally {
      await repository.close();
    }
  }
  const repository = await serveRepository({ directory: join(directory, 'repository') });
  const client = await refreshedClient(repository, join(directory, 'client'));
  for (const path of promised) {
    const target = await client.getTargetInfo(path);
    if (target === undefined) throw new Error(`${path} was promised and is not there`);
    await client.downloadTarget(target);
  }
  await repository.close();
  expect(promised.length).toBeGreaterThanOrEqual((kills * 2) / 3);
});

it('allows only one process at a time', async () => {
  const child = start('only');
  await once(child, 'message');
  try {
    await expect(openRepositoryStore({ directory: join(directory, 'repository') })).rejects.toMatchObject({
      code: 'REPOSITORY_STATE',
      message: expect.stringContaining('Another process'),
    });
  } finally {
    await kill(child);
  }
});

async function killAtStart(prefix: string): Promise<readonly string[]> {
  const child = start(prefix);
  await delay(Math.random() * 400);
  return kill(child);
}

/** The paths that the publisher was promised before it was killed: at some moment after the first of them. */
async function publishUntilKilled(prefix: string): Promise<readonly string[]> {
  const child = start(prefix);
  const promised: string[] = [];
  const first = new Promise<void>((resolve) => {
    child.on('message', (message: { type: string; path?: string }) => {
      if (message.path === undefined) return;
      promised.push(message.path);
      resolve();
    });
  });
  await Promise.race([first, once(child, 'exit')]);
  await delay(Math.random() * 120);
  await kill(child);
  return promised;
}

async function kill(child: ChildProcess): Promise<readonly string[]> {
  child.kill('SIGKILL');
  await once(child, 'close');
  return [];
}

function start(prefix: string): ChildProcess {
  const script = join(import.meta.dirname, 'busy-publisher.ts');
  return spawn(process.execPath, [script, join(directory, 'repository'), prefix], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
}
