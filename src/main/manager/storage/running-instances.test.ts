import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';

import { silentLogger } from '../../node/logger.ts';
import { openRunningInstances } from './running-instances.ts';

it('removes the files of killed processes at each start, and keeps those of running ones', async () => {
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
  expect({ both, alone, left: await readdir(folder) }).toEqual({
    both: [['1', '2'], true],
    alone: [['1'], false],
    left: [],
  });
});
