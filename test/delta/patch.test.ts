import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { mkdtemp, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { applyPatch } from '../../src/main/download/delta/patch/apply-patch.ts';
import { makePatch } from '../../src/publish/delta/patch/make-patch.ts';
import { matchFiles } from '../../src/publish/delta/patch/match.ts';
import { writePatch } from '../../src/publish/delta/patch/write-patch.ts';
import { UpdateError } from '../../src/shared/errors.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'patch-'));
});
afterAll(async () => rm(directory, { recursive: true, force: true }));

const path = (name: string): string => join(directory, name);
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Repeatable noise. */
function noise(length: number, seed: string): Buffer {
  const blocks = Array.from({ length: Math.ceil(length / 32) }, (_, n) =>
    createHash('sha256').update(`${seed}${n}`).digest(),
  );
  return Buffer.concat(blocks).subarray(0, length);
}

async function make(base: Uint8Array, result: Uint8Array): Promise<Buffer> {
  await Promise.all([writeFile(path('base'), base), writeFile(path('result'), result)]);
  await writePatch({ base: path('base'), result: path('result'), to: path('patch'), quality: 5 });
  return readFile(path('patch'));
}

async function apply(base: Uint8Array, patch: Uint8Array, result: Uint8Array): Promise<Buffer> {
  await Promise.all([writeFile(path('base'), base), writeFile(path('patch'), patch), writeFile(path('out'), '')]);
  const files = await Promise.all([open(path('patch')), open(path('base')), open(path('out'), 'r+')]);
  try {
    await applyPatch({
      patch: files[0],
      base: files[1],
      result: { length: result.length, sha256: sha256(result) },
      write: async (at, block) => void (await files[2].write(block, 0, block.length, at)),
    });
  } finally {
    await Promise.all(files.map(async (file) => file.close()));
  }
  return readFile(path('out'));
}

/** Edits of the kinds that occur between releases. */
function edited(base: Buffer): Buffer {
  const copy = Buffer.from(base);
  for (let at = 1000; at < copy.length; at += 4096) copy.writeUInt32LE((copy.readUInt32LE(at) + 4096) >>> 0, at);
  return Buffer.concat([
    copy.subarray(0, 70_000),
    noise(500, 'new'),
    copy.subarray(150_000),
    copy.subarray(20_000, 60_000),
  ]);
}

describe('a patch', () => {
  it('produces the new file from the old one, and is small', async () => {
    const base = noise(400_000, 'base');
    const result = edited(base);
    const patch = await make(base, result);
    expect((await apply(base, patch, result)).equals(result)).toBe(true);
    expect(patch.length).toBeLessThan(4000);
  });

  it('is a few bytes between equal files', async () => {
    const base = noise(3_000_000, 'same');
    const patch = await make(base, base);
    expect((await apply(base, patch, base)).equals(base)).toBe(true);
    expect(patch.length).toBeLessThan(200);
  });

  it('works on any two files', async () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 3000 }),
      fc
        .array(fc.constantFrom(...['a', 'b'].map((seed) => noise(200, seed)), Buffer.alloc(100)), { maxLength: 20 })
        .map((parts) => Buffer.concat(parts)),
    );
    await fc.assert(
      fc.asyncProperty(bytes, bytes, async (base, result) => {
        expect((await apply(base, await make(base, result), result)).equals(result)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('is made in a bounded number of steps on repetitive and hostile input', () => {
    const shifted = (step: number): Buffer =>
      Buffer.from(Array.from({ length: 200_000 }, (_, n) => (n % step === 0 ? n : 0)));
    const inputs = [Buffer.alloc(200_000), Buffer.alloc(200_000, 'ab'), shifted(17), shifted(31), noise(200_000, 'x')];
    for (const base of inputs) {
      for (const result of inputs) {
        const total = matchFiles(base, result).reduce((sum, step) => sum + step.differing + step.extra, 0);
        expect(total).toBe(result.length);
      }
    }
  });
});

describe('a hostile patch', () => {
  const base = noise(40_000, 'base');
  const result = edited(noise(200_000, 'base')).subarray(0, 60_000);

  it('is refused with any byte flipped, and never writes more than the result', async () => {
    const patch = await make(base, result);
    for (let at = 0; at < patch.length; at += Math.ceil(patch.length / 150)) {
      const broken = Buffer.from(patch);
      broken[at] = (broken[at] as number) ^ 0x55;
      const outcome = await apply(base, broken, result).catch((error: unknown) => error);
      // A flip of content produces another file, which its hash shows. A flip of structure is refused.
      if (!(outcome instanceof Buffer)) expect(outcome).toMatchObject({ code: 'DOWNLOAD_PATCH_INVALID' });
      expect((await readFile(path('out'))).length).toBeLessThanOrEqual(result.length);
    }
  });

  it('is refused if it is truncated, has extra bytes, or is for another result', async () => {
    const patch = await make(base, result);
    for (const broken of [patch.subarray(0, 50), patch.subarray(0, -1), Buffer.concat([patch, Buffer.alloc(1)])]) {
      await expect(apply(base, broken, result)).rejects.toMatchObject({ code: 'DOWNLOAD_PATCH_INVALID' });
    }
    await expect(apply(base, patch, result.subarray(1))).rejects.toMatchObject({ code: 'DOWNLOAD_PATCH_INVALID' });
  });

  it('is refused on a shorter base, and never writes more bytes from a wrong one', async () => {
    const patch = await make(base, result);
    for (const other of [base.subarray(0, 100), Buffer.alloc(0)]) {
      await expect(apply(other, patch, result)).rejects.toMatchObject({ code: 'DOWNLOAD_PATCH_INVALID' });
    }
    const wrong = await apply(noise(40_000, 'other'), patch, result);
    expect([wrong.length, wrong.equals(result)]).toEqual([result.length, false]);
  });
});

describe('makePatch', () => {
  it('works in a thread and writes atomically', async () => {
    const base = noise(100_000, 'thread');
    await Promise.all([writeFile(path('base'), base), writeFile(path('result'), edited(Buffer.concat([base, base])))]);
    const header = await makePatch({ base: path('base'), result: path('result'), to: path('made'), quality: 5 });
    expect(header.base).toEqual({ length: base.length, sha256: sha256(base) });
    expect((await readdir(directory)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('refuses with a reason if the machine has too little memory', async () => {
    const job = { base: path('base'), result: path('result'), to: path('never'), quality: 5 };
    const refused = makePatch(job, { availableMemory: 1_000_000 });
    await expect(refused).rejects.toMatchObject({ code: 'PUBLISH_PATCH_TOO_LARGE' });
    await expect(refused).rejects.toBeInstanceOf(UpdateError);
  });

  it('leaves nothing behind when it is aborted', async () => {
    const job = { base: path('base'), result: path('result'), to: path('aborted'), quality: 11 };
    await expect(makePatch(job, { signal: AbortSignal.timeout(1) })).rejects.toThrow();
    expect((await readdir(directory)).filter((name) => name.startsWith('aborted'))).toEqual([]);
  });
});
