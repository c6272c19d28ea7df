// @module-tag slow
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { addTargets, openRepositoryStore, serveRepository, storeContent } from '../../src/repository/index.ts';
import { makeRoot } from '../../src/repository/store/bootstrap.ts';
import type { RepositoryStore } from '../../src/repository/store/contract.ts';
import { placeTargets, replaceRoot, signChanges, type Written } from '../../src/repository/tuf/sign-changes.ts';
import { refreshedClient } from './served.ts';

let directory: string;
let before: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'interrupted-'));
  before = join(directory, 'before');
});
afterEach(async () => rm(directory, { recursive: true, force: true }));

describe('stopped after any file of', () => {
  it('the first publication, a new start finishes it', async () => {
    await withStore(async () => undefined);
    const order = ['root', 'bins-', 'targets', 'snapshot', 'timestamp'];
    const rank = (name: string): number => order.findIndex((part) => name.includes(part));
    const names = (await readdir(join(before, 'metadata'))).toSorted((x, y) => rank(x) - rank(y));
    const files = [];
    for (const name of names) files.push({ name, bytes: await readFile(join(before, 'metadata', name)) });
    await rm(join(before, 'metadata'), { recursive: true });
    expect(await survive(files, undefined)).toEqual(files.map(() => 'refreshed'));
  });

  it('an addition, clients see the state before and then the whole addition', async () => {
    await prepare(publishOne);
    const { files } = await plan(async (store) => {
      const artifact = await storeContent(store, 'notes/two', Buffer.from('two'));
      const { delegated } = placeTargets(store.needState(), new Map([[artifact.path, artifact.info]]));
      return signChanges(store.needState(), { delegated }, store.signer());
    });
    expect(await survive(files, 'notes/one')).toEqual(files.map(() => 'one'));
  });

  it('a rotation of the online key, a new start finishes it', async () => {
    await prepare(publishOne);
    const { files } = await plan(async (store) => {
      const { root } = store.needState();
      const rootKeys = root.keyids.flatMap((keyid) => store.keys.get(keyid) ?? []);
      const online = await store.keys.create('online');
      const next = makeRoot({ version: 2, expires: root.expires, threshold: 2 }, rootKeys, online);
      return replaceRoot(store.needState(), next, store.signer(online));
    });
    expect(files.length).toBeGreaterThan(18);
    expect(await survive(files, 'notes/one')).toEqual(files.map(() => 'one'));
  });
});

/** Makes the directory that every interrupted change begins with, and a client that has seen it. */
async function prepare(fill: (store: RepositoryStore) => Promise<void>): Promise<void> {
  await withStore(fill);
  const repository = await serveRepository({ directory: before });
  await refreshedClient(repository, join(directory, 'client'));
  await repository.close();
}

async function publishOne(store: RepositoryStore): Promise<void> {
  await addTargets(store, [await storeContent(store, 'notes/one', Buffer.from('one'))]);
}

async function plan(change: (store: RepositoryStore) => Promise<Written>): Promise<Written> {
  let written: Written | undefined;
  await withStore(async (store) => void (written = await change(store)));
  if (written === undefined) throw new Error('nothing was planned');
  return written;
}

async function withStore(work: (store: RepositoryStore) => Promise<void>): Promise<void> {
  const store = await openRepositoryStore({ directory: before });
  try {
    await work(store);
  } finally {
    await store.close();
  }
}

/** For each number of files written: what a client reads at `path` after the next start. */
async function survive(files: Written['files'], path: string | undefined): Promise<readonly string[]> {
  const seen: string[] = [];
  for (let count = 1; count <= files.length; count += 1) {
    const trial = join(directory, `trial-${count}`);
    await cp(before, trial, { recursive: true });
    if (path !== undefined) await cp(join(directory, 'client'), join(trial, 'client'), { recursive: true });
    await mkdir(join(trial, 'metadata'), { recursive: true });
    for (const file of files.slice(0, count)) await writeFile(join(trial, 'metadata', file.name), file.bytes);
    const repository = await serveRepository({ directory: trial });
    const client = await refreshedClient(repository, join(trial, 'client'));
    const target = path === undefined ? undefined : await client.getTargetInfo(path);
    seen.push(target === undefined ? 'refreshed' : await readFile(await client.downloadTarget(target), 'utf8'));
    await repository.close();
  }
  return seen;
}
