import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';

import { createChunker, sizesFor } from './chunker.ts';
import { gear } from './gear.ts';

const small = sizesFor(1024);

/** The chunks' lengths when `bytes` arrive in pieces that end at `borders`. */
function lengths(bytes: Uint8Array, borders: readonly number[] = []): readonly number[] {
  const chunker = createChunker(small);
  const ends: number[] = [];
  let from = 0;
  for (const border of [...borders.map((one) => one % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]) {
    ends.push(...chunker.push(bytes.subarray(from, border)).map((cut) => from + cut));
    from = border;
  }
  if (ends.at(-1) !== bytes.length) ends.push(bytes.length);
  return ends.map((end, index) => end - (ends[index - 1] ?? 0));
}

/** Repeatable noise: SHA-256 in counter mode. */
function noise(length: number, seed = ''): Uint8Array {
  const blocks = Array.from({ length: Math.ceil(length / 32) }, (_, n) =>
    createHash('sha256').update(`${seed}${n}`).digest(),
  );
  return Buffer.concat(blocks).subarray(0, length);
}

function digests(bytes: Uint8Array): ReadonlySet<string> {
  let at = 0;
  return new Set(
    lengths(bytes).map((length) =>
      createHash('sha256')
        .update(bytes.subarray(at, (at += length)))
        .digest('hex'),
    ),
  );
}

describe('the chunker', () => {
  it('has the gear table that docs/formats.md defines', () => {
    expect([gear[0], gear[255], new Set(gear).size]).toEqual([
      createHash('sha256').update('electron-tuf-updater gear 0').digest().readInt32BE(0),
      createHash('sha256').update('electron-tuf-updater gear 255').digest().readInt32BE(0),
      256,
    ]);
  });

  it('cuts the same chunks however the bytes arrive', () => {
    fc.assert(
      fc.property(fc.array(fc.nat()), fc.nat(40_000), fc.string(), (borders, length, seed) => {
        const bytes = noise(length, seed);
        expect(lengths(bytes, borders)).toEqual(lengths(bytes));
      }),
      { numRuns: 200 },
    );
  });

  it('keeps every chunk except the last between the minimum and the maximum', () => {
    for (const bytes of [noise(300_000), new Uint8Array(300_000), new Uint8Array(300_000).fill(7)]) {
      const all = lengths(bytes);
      const wrong = all.slice(0, -1).filter((length) => length < small.min || length > small.max);
      expect({ wrong, total: all.reduce((sum, length) => sum + length, 0) }).toEqual({
        wrong: [],
        total: bytes.length,
      });
    }
  });

  it('comes near the average on noise', () => {
    const count = lengths(noise(4_000_000)).length;
    expect(4_000_000 / count).toBeGreaterThan(small.average * 0.75);
    expect(4_000_000 / count).toBeLessThan(small.average * 1.5);
  });

  it('finds the same cuts after an insertion', () => {
    const before = noise(200_000);
    const after = Buffer.concat([before.subarray(0, 100_000), Buffer.from('inserted'), before.subarray(100_000)]);
    const old = digests(before);
    const fresh = [...digests(after)].filter((digest) => !old.has(digest));
    expect(fresh.length).toBeLessThanOrEqual(3);
  });
});
