import { describe, expect, it } from 'vitest';

import { releaseBuffers } from './release-buffers.ts';

describe('giveBack', () => {
  it('frees buffers that one chunk fills, and leaves shared ones alone', () => {
    const shared = new Uint8Array(10);
    const own = new Uint8Array(5);
    releaseBuffers([own, shared.subarray(0, 4), shared.subarray(4), new Uint8Array(0)]);
    expect([own.buffer.detached, own.length, shared.buffer.detached, shared.length]).toEqual([true, 0, false, 10]);
  });

  it('can be told of the same chunk twice', () => {
    const chunk = new Uint8Array(5);
    releaseBuffers([chunk, chunk]);
    releaseBuffers([chunk]);
    expect(chunk.length).toBe(0);
  });
});
