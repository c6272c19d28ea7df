import { expect, it } from 'vitest';

import { openOutputBlocks } from './output-blocks.ts';

/** Fills the blocks in pieces. Each byte encodes its offset. */
async function fill(
  handOn: (at: number, block: Uint8Array) => Promise<void>,
  piece: number,
  length: number = 3_500_000,
): Promise<void> {
  const queue = openOutputBlocks(length, handOn);
  for (let done = 0; queue.left > 0;) {
    const room = queue.room ?? (await queue.next());
    const count = Math.min(piece, room.length, queue.left);
    for (let index = 0; index < count; index += 1) room[index] = (done + index) % 251;
    queue.filled(count);
    done += count;
  }
  await queue.close();
}

it('passes on every byte once and in order with a few blocks pending, whatever the pieces', async () => {
  for (const piece of [1000, 7000, 1024 * 1024, 5_000_000]) {
    const seen: Buffer[] = [];
    let begun = 0;
    let running = 0;
    await fill(async (at, block) => {
      expect([at, running < 4]).toEqual([begun, true]);
      begun += block.length;
      running += 1;
      await new Promise((resolve) => setImmediate(resolve));
      seen.push(Buffer.from(block));
      running -= 1;
    }, piece);
    const whole = Buffer.concat(seen);
    expect({
      piece,
      length: whole.length,
      isInOrder: whole.every((byte, at) => byte === at % 251),
    }).toEqual({
      piece,
      length: 3_500_000,
      isInOrder: true,
    });
  }
});

it('reports what handOn threw and soon stops', async () => {
  const at: number[] = [];
  const failing = fill(
    async (from) => {
      at.push(from);
      return at.length === 2 ? Promise.reject(new Error('full')) : Promise.resolve();
    },
    100_000,
    12_000_000,
  );
  await expect(failing).rejects.toThrow('full');
  expect(at.slice(0, 2)).toEqual([0, 1024 * 1024]);
  expect(at.length).toBeLessThan(8);
});
