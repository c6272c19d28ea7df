import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { byteLimit, createArchiveWriter } from './writer.ts';

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'writer-'));
});
afterEach(async () => rm(root, { recursive: true, force: true }));

async function* blocks(...sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  for (const size of sizes) yield await Promise.resolve(new Uint8Array(size));
}

it('refuses more than 100,000 entries', async () => {
  const writer = createArchiveWriter(root, 0);
  for (let entry = 0; entry < 100_000; entry += 1) await writer.add('d', 'directory', 0, blocks());
  await expect(writer.add('d', 'directory', 0, blocks())).rejects.toMatchObject({
    code: 'INSTALL_FAILED',
    message: expect.stringContaining('more than 100000 entries') as unknown,
  });
});

it('counts the bytes of all entries, including those of links', async () => {
  const writer = createArchiveWriter(root, 10);
  await writer.add('a', 'file', 0, blocks(4, 4));
  await writer.add('l', 'symlink', 0, blocks(2));
  await expect(writer.add('b', 'file', 0, blocks(1))).rejects.toMatchObject({
    message: expect.stringContaining('larger than 10 bytes') as unknown,
  });
});

it('creates links only at the end, so that no file is written through one', async () => {
  const writer = createArchiveWriter(root, 100);
  await writer.add('l', 'symlink', 0, blocks(1));
  expect(await readdir(root)).toEqual([]);
});

it('allows small archives a high ratio, and large archives 8 GiB at most', () => {
  const mebibyte = 1024 ** 2;
  const limit = (bytes: number): number => byteLimit(bytes) / mebibyte;
  expect({ empty: limit(0), small: limit(mebibyte), huge: limit(1024 ** 4) }).toEqual({
    empty: 64,
    small: 164,
    huge: 8192,
  });
});
