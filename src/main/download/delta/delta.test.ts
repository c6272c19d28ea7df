import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Chunk, ChunkIndex } from '../../../shared/chunks/chunk-index.ts';
import { sizesFor } from '../../../shared/chunks/chunker.ts';
import { chunkDigest } from '../../../shared/chunks/digest.ts';
import { readChunks } from '../../../files/read-chunks.ts';
import { planChunks } from './chunk-layout.ts';
import { findSeeds } from './local-chunks.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'seeds-'));
});
afterAll(async () => rm(directory, { recursive: true, force: true }));

const sizes = sizesFor(1024);
const zeros = { length: 0, sha256: '00'.repeat(32) };

function noise(length: number, seed: string): Buffer {
  const blocks = Array.from({ length: Math.ceil(length / 32) }, (_, n) =>
    createHash('sha256').update(`${seed}${n}`).digest(),
  );
  return Buffer.concat(blocks).subarray(0, length);
}

async function indexOf(path: string): Promise<ChunkIndex> {
  const chunks: Chunk[] = [];
  for await (const bytes of readChunks(path, sizes)) {
    chunks.push({ rawLength: bytes.length, frameLength: 100, rawDigest: chunkDigest(bytes), frameDigest: '' });
  }
  return { sizes, artifact: zeros, pack: zeros, chunks };
}

describe('findSeeds', () => {
  it('finds most of a new file in the pieces of an old tree, and ignores unreadable ones', async () => {
    const [a, b, fresh] = [noise(50_000, 'a'), noise(50_000, 'b'), noise(3000, 'fresh')];
    const path = (name: string): string => join(directory, name);
    await writeFile(path('new'), Buffer.concat([b, fresh, a]));
    await Promise.all([writeFile(path('a'), a), writeFile(path('b'), b)]);
    const index = await indexOf(path('new'));
    const unreadable: string[] = [];
    const found = await findSeeds(index, [path('missing'), path('a'), path('b')], {
      onUnreadable: (name) => unreadable.push(name),
    });
    expect(unreadable).toEqual([path('missing')]);
    expect(found.size).toBeGreaterThan(index.chunks.length - 10);
    expect([...new Set([...found.values()].map((one) => one.path))]).toEqual([path('a'), path('b')]);
  });

  it('stops when it is aborted', async () => {
    await writeFile(join(directory, 'x'), noise(50_000, 'x'));
    const index = await indexOf(join(directory, 'x'));
    const search = findSeeds(index, [join(directory, 'x')], {
      signal: AbortSignal.abort(new Error('enough')),
      onUnreadable: () => undefined,
    });
    await expect(search).rejects.toThrow('enough');
  });
});

describe('planChunks', () => {
  const chunk = (name: string, frameLength: number): Chunk => ({
    rawLength: 1000,
    frameLength,
    rawDigest: name,
    frameDigest: '',
  });
  const index: ChunkIndex = {
    sizes,
    artifact: zeros,
    pack: zeros,
    chunks: [
      chunk('a', 100),
      chunk('b', 100),
      chunk('c', 30),
      chunk('d', 100),
      chunk('e', 500),
      chunk('f', 100),
      chunk('a', 100),
    ],
  };
  const seeds = new Map(['c', 'e'].map((name) => [name, { path: '', at: 0, length: 1000 }]));

  it('merges adjacent frames, bridges short gaps, and fetches a repeated chunk once', () => {
    const layout = planChunks(index, seeds, new Set(), 50);
    expect({
      local: layout.local.map((one) => [one.chunk.rawDigest, one.rawAt]),
      ranges: layout.ranges.map((range) => [
        range.start,
        range.end,
        range.chunks.map((one) => one.chunk.rawDigest).join(''),
      ]),
      twice: layout.places.get('a'),
      bytes: layout.transferBytes,
    }).toEqual({
      local: [
        ['c', 2000],
        ['e', 4000],
      ],
      ranges: [
        [0, 330, 'abd'],
        [830, 930, 'f'],
      ],
      twice: [0, 6000],
      bytes: 430,
    });
  });

  it('makes one request per range when requests cost nothing', () => {
    expect(planChunks(index, seeds, new Set(), 0).ranges.map((range) => [range.start, range.end])).toEqual([
      [0, 200],
      [230, 330],
      [830, 930],
    ]);
  });
});
