import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { decodeFrame } from '../../src/main/download/delta/decode-frame.ts';
import { writePack } from '../../src/publish/delta/pack/write-pack.ts';
import { type ChunkIndex, encodeChunkIndex, parseChunkIndex } from '../../src/shared/chunks/chunk-index.ts';
import { sizesFor } from '../../src/shared/chunks/chunker.ts';
import { chunkDigest } from '../../src/shared/chunks/digest.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'pack-'));
});
afterAll(async () => rm(directory, { recursive: true, force: true }));

const mismatch = expect.objectContaining({ code: 'DOWNLOAD_MISMATCH' }) as unknown;
const sizes = sizesFor(4096);

async function pack(bytes: Uint8Array): Promise<{ index: ChunkIndex; pack: Buffer }> {
  const artifact = join(directory, 'artifact');
  const to = join(directory, 'artifact.pack');
  await writeFile(artifact, bytes);
  const index = await writePack({ artifact, to, quality: 5, sizes });
  return { index: parseChunkIndex(encodeChunkIndex(index)), pack: await readFile(to) };
}

async function unpack(index: ChunkIndex, packed: Buffer): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let at = 0;
  for (const chunk of index.chunks) {
    parts.push(await decodeFrame(chunk, packed.subarray(at, at + chunk.frameLength)));
    at += chunk.frameLength;
  }
  return Buffer.concat(parts);
}

const sample = Buffer.concat([
  Buffer.from('text that repeats. '.repeat(3000)),
  createHash('sha512').update('noise').digest(),
  Buffer.alloc(30_000),
  Buffer.concat(Array.from({ length: 1000 }, (_, n) => createHash('sha256').update(`${n}`).digest())),
]);

describe('a pack', () => {
  it('contains the artifact in fewer bytes, and leaves no other files behind', async () => {
    const made = await pack(sample);
    expect({
      same: (await unpack(made.index, made.pack)).equals(sample),
      sha256: made.index.artifact.sha256,
      packSha256: made.index.pack.sha256,
      names: await readdir(directory),
    }).toEqual({
      same: true,
      sha256: createHash('sha256').update(sample).digest('hex'),
      packSha256: createHash('sha256').update(made.pack).digest('hex'),
      names: ['artifact', 'artifact.pack'],
    });
    expect(made.pack.length).toBeLessThan(sample.length / 2);
  });

  it('works for any artifact, even an empty one', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 20_000 }), async (bytes) => {
        const made = await pack(bytes);
        expect((await unpack(made.index, made.pack)).equals(bytes)).toBe(true);
      }),
      { numRuns: 30 },
    );
  });
});

describe('a hostile frame', () => {
  it('is refused before it is decompressed', async () => {
    const made = await pack(sample);
    const chunk = made.index.chunks[0];
    if (chunk === undefined) throw new Error('no chunk');
    const frame = made.pack.subarray(0, chunk.frameLength);
    const flipped = Buffer.from(frame);
    flipped[5] = (flipped[5] as number) ^ 1;
    for (const bad of [flipped, frame.subarray(1), Buffer.concat([frame, frame]), Buffer.alloc(0)]) {
      await expect(decodeFrame(chunk, bad)).rejects.toEqual(mismatch);
    }
  });

  it('cannot make the decompressor write more than the chunk', async () => {
    const bomb = brotliCompressSync(Buffer.alloc(50_000_000));
    const chunk = {
      rawLength: 5000,
      frameLength: bomb.length,
      rawDigest: chunkDigest(Buffer.alloc(5000)),
      frameDigest: chunkDigest(bomb),
    };
    await expect(decodeFrame(chunk, bomb)).rejects.toEqual(mismatch);
  });

  it('cannot contain another chunk under the right frame digest', async () => {
    const frame = brotliCompressSync(Buffer.alloc(5000, 'a'));
    const chunk = {
      rawLength: 5000,
      frameLength: frame.length,
      rawDigest: '00'.repeat(16),
      frameDigest: chunkDigest(frame),
    };
    await expect(decodeFrame(chunk, frame)).rejects.toEqual(mismatch);
  });
});
