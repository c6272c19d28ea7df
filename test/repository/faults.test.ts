import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { openRepositoryStore, type RepositorySettings, serveRepository } from '../../src/repository/index.ts';
import { type Served, serve } from './served.ts';

describe('a directory that was tampered with', () => {
  it.each<[what: string, tamper: (directory: string) => Promise<void>, names: string]>([
    ['a broken journal', async (dir) => writeFile(join(dir, 'repository.json'), '{'), 'repository.json'],
    ['a journal of others', async (dir) => writeFile(join(dir, 'repository.json'), '{"schema":2}'), 'repository.json'],
    ['a broken timestamp', async (dir) => writeFile(join(dir, 'metadata/timestamp.json'), 'x'), 'timestamp.json'],
    ['a missing snapshot', async (dir) => rm(join(dir, 'metadata/1.snapshot.json')), '1.snapshot.json'],
    ['a missing bin', async (dir) => rm(join(dir, 'metadata/1.bins-3.json')), '1.bins-3.json'],
    ['a key that is none', async (dir) => writeFile(join(dir, 'development-keys/root-1.pem'), 'x'), 'root-1.pem'],
  ])('is refused, and the message names the file, for %s', async (_what, tamper, name) => {
    await using served = await serve();
    await served.repository.close();
    await tamper(join(served.directory, 'repository'));
    await expect(openRepositoryStore({ directory: join(served.directory, 'repository') })).rejects.toMatchObject({
      code: 'REPOSITORY_STATE',
      message: expect.stringContaining(name),
    });
    await rm(join(served.directory, 'repository'), { recursive: true });
    await served.restart();
  });

  it('can be served without its online key until something must be signed', async () => {
    await using served = await serve();
    await rm(join(served.directory, 'repository/development-keys/online-1.pem'));
    await served.restart();
    expect(await served.read('notes/a')).toBeUndefined();
    await expect(served.publish('notes/a', 'a')).rejects.toMatchObject({
      code: 'PUBLISH_TASK_FAILED',
      message: expect.stringContaining('development-keys'),
    });
  });

  it('is cleaned of the leftovers of an interrupted write', async () => {
    await using served = await serve();
    await writeFile(join(served.directory, 'repository/metadata/.timestamp.json.0123.tmp'), 'half');
    await served.restart();
    const names = await readdir(join(served.directory, 'repository/metadata'));
    expect(names.filter((name) => name.startsWith('.'))).toEqual([]);
  });
});

describe('a write that fails half-way', () => {
  it.each(['2.snapshot.json', 'timestamp.json'])(
    'at %s fails the task; the next one goes on from the disk',
    async (name) => {
      await using served = await serve();
      const undo = await block(served, name);
      await expect(served.publish('notes/a', 'a')).rejects.toMatchObject({ code: 'PUBLISH_TASK_FAILED' });
      await undo();
      await served.publish('notes/b', 'b');
      expect({ a: await served.read('notes/a'), b: await served.read('notes/b') }).toEqual({ a: undefined, b: 'b' });
    },
  );
});

it.each<[what: string, settings: RepositorySettings]>([
  ['3 bins', { bins: 3 }],
  ['1 bin', { bins: 1 }],
  ['too many bins', { bins: 32_768 }],
  ['bins and roles', { bins: 4, roles: [{ name: 'a', paths: ['*'] }] }],
  ['no role', { roles: [] }],
  ['a role named as a bin', { roles: [{ name: 'bins-0', paths: ['*'] }] }],
  ['a role named as a path', { roles: [{ name: '../x', paths: ['*'] }] }],
  ['two roles of the same name', { roles: ['a', 'a'].map((name) => ({ name, paths: ['*'] })) }],
  ['a glob that clients read differently', { roles: [{ name: 'a', paths: ['{a,b}'] }] }],
  ['an expiry of no days', { expireDays: { timestamp: 0 } }],
  ['an unknown bootstrap', { bootstrap: 'later' as never }],
  ['a renewal that is not a boolean', { renew: 'no' as never }],
])('refuses %s', async (_what, settings) => {
  await expect(openRepositoryStore({ directory: '/nonexistent/never', settings })).rejects.toMatchObject({
    code: 'OPTIONS_INVALID',
  });
});

it('names the port that is taken, and releases the directory', async () => {
  await using served = await serve();
  await using other = await serve();
  await other.repository.close();
  const directory = join(other.directory, 'repository');
  const port = Number(new URL(served.repository.url).port);
  await expect(serveRepository({ directory, port })).rejects.toMatchObject({
    code: 'OPTIONS_INVALID',
    message: expect.stringContaining(String(port)),
  });
  await other.restart();
});

it('cannot be created where a file is', async () => {
  await using served = await serve();
  const directory = join(served.directory, 'repository/repository.json/inside');
  await expect(openRepositoryStore({ directory })).rejects.toMatchObject({ code: 'REPOSITORY_STATE' });
});

/** Puts a directory where the file must go. */
async function block(served: Served, name: string): Promise<() => Promise<void>> {
  const path = join(served.directory, 'repository/metadata', name);
  const aside = `${path}.aside`;
  const moved = await rename(path, aside).then(
    () => true,
    () => false,
  );
  await mkdir(path);
  return async () => {
    await rm(path, { recursive: true });
    if (moved) await rename(aside, path);
  };
}
