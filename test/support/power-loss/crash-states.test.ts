import { mkdtemp, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { writeAtomic } from '../../../src/files/write-atomic.ts';
import { crashStates } from './crash-states.ts';
import { materialise } from './disk.ts';
import { recordDisk } from './record-disk.ts';

let root: string;
let file: string;

beforeEach(async () => {
  root = join(await mkdtemp(join(tmpdir(), 'crash-')), 'root');
  materialise({ root: '1', nodes: new Map([['1', { type: 'directory', mode: 0o755 }]]), names: new Map() }, root);
  file = join(root, 'file');
  await writeFile(file, 'old!');
});
afterEach(async () => rm(join(root, '..'), { recursive: true, force: true }));

/** What a power failure during `work` may leave: the content of the file, and the names of others, if there are. */
async function left(work: () => Promise<void>): Promise<ReadonlySet<string>> {
  const log = await recordDisk(root, work);
  const found = new Set<string>();
  for (const disk of crashStates(log)) {
    materialise(disk, root);
    const others = (await readdir(root)).filter((name) => name !== 'file').map(() => ', and another');
    found.add(`${await readFile(file, 'utf8').catch(() => 'gone')}${others.join('')}`);
  }
  return found;
}

it('a file that is written in place may be truncated', async () => {
  expect(await left(() => writeFile(file, 'new!'))).toEqual(new Set(['old!', 'ne', 'new!']));
});

it('a file that is renamed before it is synced may be empty', async () => {
  const found = await left(async () => {
    await writeFile(join(root, 'fresh'), 'new!');
    await rename(join(root, 'fresh'), file);
  });
  expect([...found]).toEqual(expect.arrayContaining(['old!', '', 'ne', 'new!', 'old!, and another']));
});

it('a file that is removed before it is rewritten may be missing', async () => {
  const found = await left(async () => {
    await rm(file);
    await writeFile(file, 'new!');
  });
  expect([...found]).toEqual(expect.arrayContaining(['gone', '', 'new!']));
});

it('a name that was not synced may be lost, even if its content was synced', async () => {
  const found = await left(async () => {
    const fresh = await open(join(root, 'fresh'), 'wx');
    await fresh.writeFile('new!');
    await fresh.sync();
    await fresh.close();
  });
  expect(found).toEqual(new Set(['old!', 'old!, and another']));
});

it('an atomic write leaves the old content or the new one', async () => {
  const found = await left(() => writeAtomic(file, 'new!'));
  expect(found).toEqual(new Set(['old!', 'old!, and another', 'new!']));
});
