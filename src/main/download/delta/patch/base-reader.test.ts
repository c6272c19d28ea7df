import { type FileHandle, mkdtemp, open, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { randomFrom, seededBytes } from '../../../../../test/support/random-bytes.ts';
import { type BaseReader, openBaseReader } from './base-reader.ts';

const bytes = seededBytes(20_000_000);
let directory: string;
let path: string;
let file: FileHandle;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'base-'));
  path = join(directory, 'base');
  await writeFile(path, bytes);
  file = await open(path);
});
afterAll(async () => {
  await file.close();
  await rm(directory, { recursive: true });
});

async function take(stream: BaseReader, length: number): Promise<Buffer> {
  const taken: Buffer[] = [];
  for (let left = length; left > 0;) {
    if (stream.buffered.length === 0) await stream.fill();
    const piece = Buffer.from(stream.buffered.subarray(0, left));
    stream.skip(piece.length);
    left -= piece.length;
    taken.push(piece);
  }
  return Buffer.concat(taken);
}

it('delivers the prefetched ranges in order, whatever the jumps and earlier reads', async () => {
  const random = randomFrom(7);
  const ranges = Array.from({ length: 3000 }, (_unused, index) => {
    const length = index % 500 === 0 ? 3_000_000 : Math.floor(random() * 3000);
    // Jumps back near the last windows now and then, so that both used and unused windows are met again.
    const at = Math.floor(random() * (index % 3 === 0 ? 300_000 : bytes.length - length));
    return { at, length };
  });
  const stream = openBaseReader(file);
  let prefetched = 0;
  const wrong: number[] = [];
  for (const [index, { at, length }] of ranges.entries()) {
    for (; prefetched < Math.min(ranges.length, index + 300); prefetched += 1) {
      const next = ranges[prefetched] ?? { at: 0, length: 0 };
      stream.prefetch(next.at, next.length);
    }
    if (!(await take(stream, length)).equals(bytes.subarray(at, at + length))) wrong.push(index);
  }
  expect(wrong).toEqual([]);
});

it('reads several windows before they are needed', async () => {
  let [reading, most] = [0, 0];
  const counting = {
    async read(...where: Parameters<FileHandle['read']>) {
      most = Math.max(most, (reading += 1));
      await new Promise((resolve) => setImmediate(resolve));
      reading -= 1;
      return file.read(...where);
    },
  } as unknown as FileHandle;
  const stream = openBaseReader(counting);
  for (let at = 0; at < 4_000_000; at += 400_000) stream.prefetch(at, 100);
  await take(stream, 1000);
  expect(most).toBeGreaterThan(4);
});

it('refuses a read that was not prefetched, and a base that became shorter', async () => {
  const short = join(directory, 'short');
  await writeFile(short, bytes.subarray(0, 1_000_000));
  const one = await open(short);
  try {
    const stream = openBaseReader(one);
    await expect(stream.fill()).rejects.toMatchObject({ code: 'DOWNLOAD_PATCH_INVALID' });
    await truncate(short, 500_000);
    stream.prefetch(400_000, 200_000);
    await expect(take(stream, 200_000)).rejects.toMatchObject({ code: 'DOWNLOAD_PATCH_INVALID' });
    await expect(stream.read(new Uint8Array(10), 499_995)).rejects.toMatchObject({ code: 'DOWNLOAD_PATCH_INVALID' });
  } finally {
    await one.close();
  }
});

it('reports an unreadable base when its bytes are needed', async () => {
  const closed = await open(path);
  await closed.close();
  const stream = openBaseReader(closed);
  stream.prefetch(0, 10);
  await expect(stream.fill()).rejects.toMatchObject({ code: 'DOWNLOAD_PATCH_INVALID' });
});
