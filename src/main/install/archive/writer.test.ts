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

it('refuses the entry after the hundred thousandth', async () => {
  const writer = createArchiveWriter(root, 0);
  for (let entry = 0; entry < 100_000; entry += 1) await writer.add('d', 'directory', 0, blocks());
  await expect(writer.add('d', 'directory', 0, blocks())).rejects.toMatchObject({
    code: 'INSTALL_FAILED',
    message: expect.stringContaining('more than 100000 entries') as unknown,
  });
});

it('counts the bytes of all entries, and those of links', async () => {
  const writer = createArchiveWriter(root, 10);
  await writer.add('a', 'file', 0, blocks(4, 4));
  await writer.add('l', 'symlink', 0, blocks(2));
  await expect(writer.add('b', 'file', 0, blocks(1))).rejects.toMatchObject({
    message: expect.stringContaining('larger than 10 bytes') as unknown,
  });
});

it('makes no link before the end: nothing can be written through one', async () => {
  const writer = createArchiveWriter(root, 100);
  await writer.add('l', 'symlink', 0, blocks(1));
  expect(await readdir(root)).toEqual([]);
});

it('lets small archives grow, and large ones not without end', () => {
  const mebibyte = 1024 ** 2;
  expect([0, mebibyte, 1024 ** 4].map((bytes) => byteLimit(bytes) / mebibyte)).toEqual([64, 164, 8192]);
});
