// @module-tag slow
import fc from 'fast-check';
import { type FileHandle, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { applyPatch } from '../../src/main/download/delta/patch/apply-patch.ts';
import { encodePatchHeader } from '../../src/shared/patch/patch-header.ts';
import { pushVarint, zigzag } from '../../src/shared/patch/varint.ts';
import { seededBytes } from '../support/random-bytes.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'hostile-'));
});
afterAll(async () => rm(directory, { recursive: true, force: true }));

const base = { length: 5000, sha256: '11'.repeat(32) };
const result = { length: 20_000, sha256: '22'.repeat(32) };

type Sections = readonly [Uint8Array, Uint8Array, Uint8Array];

interface ApplyOptions {
  readonly lengths?: { readonly base: number; readonly result: number };
  /** Called for each read of the base. */
  readonly onRead?: () => void;
  readonly signal?: AbortSignal;
}

/** Applies sections that an attacker chose, under a valid header. Returns the bytes written and the outcome. */
async function apply(sections: Sections, options: ApplyOptions = {}): Promise<{ written: number; end: string }> {
  const { lengths = { base: base.length, result: result.length }, onRead, signal } = options;
  const files = { base: { ...base, length: lengths.base }, result: { ...result, length: lengths.result } };
  const compressed = sections.map((section) => section.length) as [number, number, number];
  const patch = Buffer.concat([encodePatchHeader({ ...files, sections: compressed }), ...sections]);
  const path = (name: string): string => join(directory, name);
  await Promise.all([writeFile(path('patch'), patch), writeFile(path('base'), seededBytes(lengths.base))]);
  const handles = await Promise.all([open(path('patch')), open(path('base'))]);
  const watched = {
    async read(...where: Parameters<FileHandle['read']>) {
      onRead?.();
      return handles[1].read(...where);
    },
  } as unknown as FileHandle;
  let written = 0;
  const write = async (at: number, block: Uint8Array): Promise<void> => {
    expect(at).toBe(written);
    written += block.length;
    return Promise.resolve();
  };
  try {
    const job = { patch: handles[0], base: watched, result: files.result, write };
    await applyPatch({ ...job, ...(signal === undefined ? {} : { signal }) });
    return { written, end: 'applied' };
  } catch (error) {
    return { written, end: error === signal?.reason ? 'cancelled' : String((error as { code?: unknown }).code) };
  } finally {
    for (const file of handles) await file.close();
  }
}

it('with any control numbers is applied within its bounds or refused', async () => {
  const control = fc.array(fc.oneof(fc.integer({ min: 0, max: 255 }), fc.constantFrom(0, 1, 0x80, 0xff)), {
    maxLength: 60,
  });
  await fc.assert(
    fc.asyncProperty(control, fc.uint8Array({ maxLength: 3000 }), async (numbers, bytes) => {
      const [steps, rest] = [brotliCompressSync(Buffer.from(numbers)), brotliCompressSync(bytes)];
      const { written, end } = await apply([steps, rest, rest]);
      expect([written <= result.length, ['applied', 'DOWNLOAD_PATCH_INVALID'].includes(end)]).toEqual([true, true]);
    }),
    { numRuns: 300 },
  );
});

it('with any bytes for sections is refused', async () => {
  const bytes = fc.uint8Array({ maxLength: 200 });
  await fc.assert(
    fc.asyncProperty(bytes, bytes, bytes, async (one, two, three) => {
      const { written, end } = await apply([one, two, three]);
      expect([written <= result.length, end]).toEqual([true, 'DOWNLOAD_PATCH_INVALID']);
    }),
    { numRuns: 300 },
  );
});

it('that decompresses to a hundred megabytes does not use that much memory or disk', async () => {
  const bomb = brotliCompressSync(Buffer.alloc(100_000_000));
  const before = process.memoryUsage.rss();
  // Endless steps without bytes, and a result taken from a far longer section.
  const outcomes = [
    await apply([bomb, bomb, bomb]),
    await apply([brotliCompressSync(Buffer.from([0, 0, 0, 0xa0, 0x9c, 1])), bomb, bomb]),
  ];
  const grown = process.memoryUsage.rss() - before;
  expect(outcomes).toEqual([
    { written: 0, end: 'DOWNLOAD_PATCH_INVALID' },
    { written: result.length, end: 'applied' },
  ]);
  expect(grown).toBeLessThan(64 * 1024 * 1024);
});

it('with many small steps can be cancelled between them', async () => {
  const [count, windows] = [20_000, 60];
  const control: number[] = [];
  // Each step takes one byte from another window than the previous ones.
  for (let step = 0, basis = 0; step < count; step += 1) {
    const at = (step % windows) * 131_072;
    for (const value of [zigzag(at - basis), 1, 0, 0]) pushVarint(control, value);
    basis = at + 1;
  }
  const nothing = brotliCompressSync(Buffer.alloc(1));
  const abort = new AbortController();
  let reads = 0;
  const { end } = await apply([brotliCompressSync(Buffer.from(control)), nothing, nothing], {
    lengths: { base: windows * 131_072, result: count },
    onRead() {
      if (++reads === 10) abort.abort(new Error('cancelled'));
    },
    signal: abort.signal,
  });
  expect(end).toBe('cancelled');
  expect(reads).toBeLessThan(1000);
});
