import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { UpdateError } from '../errors.ts';
import { type ChunkIndex, encodeChunkIndex, parseChunkIndex } from './chunk-index.ts';
import { sizesFor } from './chunker.ts';

const sizes = sizesFor(1024);
const index: ChunkIndex = {
  sizes,
  artifact: { length: 1000 + 7, sha256: 'aa'.repeat(32) },
  pack: { length: 400 + 7, sha256: 'bb'.repeat(32) },
  chunks: [
    { rawLength: 1000, frameLength: 400, rawDigest: '01'.repeat(16), frameDigest: '02'.repeat(8) },
    { rawLength: 7, frameLength: 7, rawDigest: '03'.repeat(16), frameDigest: '04'.repeat(8) },
  ],
};

const invalid = expect.objectContaining({ code: 'DOWNLOAD_INDEX_INVALID' }) as unknown;

describe('the chunk index', () => {
  it('reads what it wrote, in 104 bytes and 30 a chunk', () => {
    const bytes = encodeChunkIndex(index);
    expect({ parsed: parseChunkIndex(bytes), length: bytes.length }).toEqual({ parsed: index, length: 104 + 2 * 30 });
  });

  it('has the header and the rows of docs/formats.md', () => {
    const bytes = Buffer.from(encodeChunkIndex(index));
    expect([bytes.toString('hex', 0, 32), bytes.toString('hex', 104, 134)]).toEqual([
      ['45545543', '01010100', '00000100', '00000400', '00001000', '00000002', '00000000000003ef'].join(''),
      ['0003e8', '000190', '02'.repeat(8), '01'.repeat(16)].join(''),
    ]);
  });

  it.each<[string, Partial<ChunkIndex>]>([
    ['chunks that do not add up', { artifact: { ...index.artifact, length: 1008 } }],
    ['frames that do not add up', { pack: { ...index.pack, length: 408 } }],
    ['sizes out of order', { sizes: { ...sizes, min: 2048 } }],
    ['a maximum beyond reason', { sizes: { ...sizes, max: 17 * 1024 * 1024 } }],
    ['an average that is no power of two', { sizes: { ...sizes, average: 1000 } }],
  ])('refuses %s', (_what, change) => {
    expect(() => parseChunkIndex(encodeChunkIndex({ ...index, ...change }))).toThrow(invalid);
  });

  it('refuses every truncation and every longer body', () => {
    const bytes = encodeChunkIndex(index);
    for (let length = 0; length < bytes.length; length += 1) {
      expect(() => parseChunkIndex(bytes.subarray(0, length))).toThrow(invalid);
    }
    expect(() => parseChunkIndex(Buffer.concat([bytes, Buffer.of(0)]))).toThrow(invalid);
  });

  it('never crashes and never allocates beyond its input on hostile bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.nat(103), (noise, keep) => {
        const bytes = Buffer.concat([encodeChunkIndex(index).subarray(0, keep), noise]);
        try {
          parseChunkIndex(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(UpdateError);
        }
      }),
      { numRuns: 500 },
    );
  });
});
