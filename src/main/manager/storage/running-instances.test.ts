import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';

import { silentLogger } from '../../node/logger.ts';
import { openRunningInstances } from './running-instances.ts';

it('removes at each start what processes that were killed left, and nothing of those that run', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'instances-'));
  onTestFinished(async () => rm(directory, { recursive: true }));
  const folder = join(directory, 'instances');
  const names = async (): Promise<string[]> =>
    (await readdir(folder)).filter((name) => !name.endsWith('-journal') || name.startsWith('410')).toSorted();
  await mkdir(folder);
  for (const name of ['4100000', '4100000-journal', '4100001-journal']) await writeFile(join(folder, name), '');
  const [one, two] = [
    openRunningInstances(directory, silentLogger, 1),
    openRunningInstances(directory, silentLogger, 2),
  ];
  await one.join();
  await two.join();
  const both = [await names(), await one.hasOtherInstances()];
  await two.leave();
  const alone = [await names(), await one.hasOtherInstances()];
  await one.leave();
  expect([both, alone, await readdir(folder)]).toEqual([[['1', '2'], true], [['1'], false], []]);
});
