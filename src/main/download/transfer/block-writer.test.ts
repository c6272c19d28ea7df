import { describe, expect, it } from 'vitest';

import { BlockWriter } from './block-writer.ts';

const chunk = new Uint8Array(64 * 1024);
const source = { url: 'https://a.test/' };

/** The bytes that a writer accepts before it waits for a disk that never answers. */
async function heldBy(writers: number): Promise<number> {
  const never = new Promise<void>(() => undefined);
  const writer = new BlockWriter({ ranges: [], write: async () => never }, source, 0, () => writers);
  for (let held = chunk.length; ; held += chunk.length) {
    const waits = Symbol('waits');
    const moment = new Promise((resolve) => setImmediate(resolve, waits));
    if ((await Promise.race([writer.push(chunk), moment])) === waits) return held;
  }
}

describe('BlockWriter', () => {
  it.each([1, 2, 3, 4, 5])('holds at most one mebibyte unwritten, shared by %i writers', async (writers) => {
    expect((await heldBy(writers)) * writers).toBeLessThanOrEqual(1024 * 1024);
  });

  it('writes gathered bytes in order and reports its position', async () => {
    const written: [number, number][] = [];
    const write = async (at: number, chunks: readonly Uint8Array[]): Promise<void> =>
      void written.push([at, chunks.reduce((sum, { length }) => sum + length, 0)]);
    const writer = new BlockWriter({ ranges: [], write }, source, 1000, () => 1);
    for (let count = 0; count < 5; count++) await writer.push(chunk);
    const before = [writer.at, writer.end];
    await writer.flush();
    expect({
      written,
      before,
      at: writer.at,
    }).toEqual({
      written: [
        [1000, 262_144],
        [263_144, 65_536],
      ],
      before: [263_144, 328_680],
      at: 328_680,
    });
  });

  it('fails with the write error', async () => {
    const full = new Error('full');
    const writer = new BlockWriter({ ranges: [], write: () => Promise.reject(full) }, source, 0, () => 1);
    await writer.push(chunk);
    await expect(writer.flush()).rejects.toBe(full);
  });
});
