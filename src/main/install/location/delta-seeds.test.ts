import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

import type { AppFacts, InstallHook } from '../../ports.ts';
import { deltaSeeds } from './delta-seeds.ts';

let home: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'seeds-'));
});
afterEach(async () => rm(home, { recursive: true, force: true }));

async function put(path: string, kibibytes: number): Promise<void> {
  await mkdir(dirname(join(home, path)), { recursive: true });
  await writeFile(join(home, path), Buffer.alloc(kibibytes * 1024));
}

async function seedsOf(hook?: Pick<InstallHook, 'seeds'>): Promise<readonly string[]> {
  const facts = { resourcesPath: join(home, 'app/resources') } as AppFacts;
  const found = await deltaSeeds(facts, join(home, 'updates'), hook);
  return found.map((path) => path.slice(home.length + 1));
}

it('are the files of the installed app and the retired artifacts, largest first', async () => {
  await put('app/notes', 40);
  await put('app/resources/app.asar', 60);
  await put('app/icon', 15);
  await put('updates/previous/1.0.0.exe', 50);
  await put('updates/previous/0.9.0.exe', 51);
  await put('updates/staged/next.exe', 99);
  await symlink('/etc', join(home, 'app/link'));
  expect(await seedsOf()).toEqual([
    'app/resources/app.asar',
    'app/notes',
    'updates/previous/0.9.0.exe',
    'updates/previous/1.0.0.exe',
  ]);
});

it('are the files that the hook names, if it names any', async () => {
  await put('app/notes', 40);
  expect(await seedsOf({ seeds: () => Promise.resolve([join(home, 'Notes.AppImage')]) })).toEqual(['Notes.AppImage']);
});

it('are none in an empty directory', async () => {
  expect(await seedsOf()).toEqual([]);
});
