import { expect, it } from 'vitest';

import { seededBytes } from '../../../../test/support/random-bytes.ts';
import { separateCopies } from './separate-copies.ts';

/** Changes the bytes at the given offsets. */
function changed(bytes: Buffer, ...places: readonly number[]): Buffer {
  const copy = Buffer.from(bytes);
  for (const at of places) copy.writeUInt8(copy.readUInt8(at) ^ 1, at);
  return copy;
}

it('copies long runs of equal bytes and leaves short ones in the difference', () => {
  const base = seededBytes(30_000);
  // The runs before 5000 and between 10,000 and 12,000 are short, the others are long.
  const result = Buffer.concat([changed(base, 0, 4000, 10_000, 12_000), seededBytes(100, 2), base.subarray(0, 5000)]);
  const steps = [
    { base: 0, differing: 30_000, extra: 100 },
    { base: 0, differing: 5000, extra: 0 },
  ];
  expect(separateCopies(base, result, steps)).toEqual([
    { base: 0, copied: 0, differing: 4001, extra: 0 },
    { base: 4001, copied: 5999, differing: 2001, extra: 0 },
    { base: 12_001, copied: 17_999, differing: 0, extra: 100 },
    { base: 0, copied: 5000, differing: 0, extra: 0 },
  ]);
});

it('keeps steps that consist of new bytes', () => {
  const base = seededBytes(10);
  expect(separateCopies(base, seededBytes(50, 3), [{ base: 10, differing: 0, extra: 50 }])).toEqual([
    { base: 10, copied: 0, differing: 0, extra: 50 },
  ]);
});
