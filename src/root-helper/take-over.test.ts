// @module-tag slow
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, it } from 'vitest';

import { UpdateError } from '../shared/errors.ts';
import { openHandOver } from './take-over.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'hand-over-'));
  await mkdir(join(directory, 'trust/root-1'), { recursive: true });
  const request = { schema: 1, version: '1.1.0', channel: 'stable', arch: 'x64' };
  await writeFile(join(directory, 'request.json'), JSON.stringify(request));
});
afterEach(async () => rm(directory, { recursive: true }));

/** The names of the metadata that was copied, or the refusal. */
async function copied(): Promise<readonly string[] | string> {
  try {
    const handOver = openHandOver(directory, 0);
    const to = join(directory, 'copy');
    await mkdir(to);
    handOver.copyMetadata(to);
    handOver.close();
    return (await readdir(to, { recursive: true })).filter((name) => name.endsWith('.json'));
  } catch (error) {
    if (error instanceof UpdateError) return `${error.code}: ${error.message}`;
    throw error;
  }
}

async function writeRoots(count: number): Promise<readonly string[]> {
  const names = Array.from({ length: count }, (_, at) => join('root-1', `${at + 1}.root.json`));
  for (const name of names) await writeFile(join(directory, 'trust', name), name);
  return names;
}

it('a store of 600 roots is copied completely', async () => {
  const names = await writeRoots(600);
  const files = await copied();
  const contents = await Promise.all(names.map((name) => readFile(join(directory, 'copy', name), 'utf8')));
  expect({ files: Array.from(files).toSorted(), contents }).toEqual({ files: names.toSorted(), contents: names });
});

it('an endless store is refused, not truncated', async () => {
  await writeRoots(4001);
  expect(await copied()).toContain('INSTALL_VERIFY: Nothing was installed');
});

it('links, hidden files and deep directories are left out', async () => {
  const [name = ''] = await writeRoots(1);
  await symlink('1.root.json', join(directory, 'trust/root-1/2.root.json'));
  await writeFile(join(directory, 'trust/root-1/.3.root.json'), '');
  await mkdir(join(directory, 'trust/a/b/c/d'), { recursive: true });
  await writeFile(join(directory, 'trust/a/b/c/d/4.root.json'), '');
  expect(await copied()).toEqual([name]);
});
