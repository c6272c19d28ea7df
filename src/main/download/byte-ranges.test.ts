import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { addRange, totalBytes, type ByteRanges, gaps } from './byte-ranges.ts';

const size = 40;
const anyRange = fc.tuple(fc.nat(size), fc.nat(size)).map(([a, b]) => ({ start: Math.min(a, b), end: Math.max(a, b) }));
const ranges = fc.array(anyRange).map((list) => list.reduce<ByteRanges>(addRange, []));

/** The same set in the simplest form: one flag per byte. */
function bitmap(list: ByteRanges): boolean[] {
  return Array.from({ length: size }, (_, byte) => list.some(({ start: at, end }) => at <= byte && byte < end));
}

describe('byte ranges', () => {
  it('cover the added bytes, sorted and merged', () => {
    fc.assert(
      fc.property(fc.array(anyRange), (list) => {
        const merged = list.reduce<ByteRanges>(addRange, []);
        expect(bitmap(merged)).toEqual(bitmap(list));
        expect(merged.every(({ start: at, end }, index) => at < end && at > (merged[index - 1]?.end ?? -1))).toBe(true);
      }),
    );
  });

  it('have gaps exactly where they do not cover the file', () => {
    fc.assert(
      fc.property(ranges, anyRange, (have, range) => {
        const missing = gaps(have, range);
        const expected = bitmap(have).map((there, byte) => !there && range.start <= byte && byte < range.end);
        expect(bitmap(missing)).toEqual(expected);
        expect(totalBytes(missing)).toBe(expected.filter(Boolean).length);
      }),
    );
  });
});
