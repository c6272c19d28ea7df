import { describe, expect, it } from 'vitest';

import { releaseBuffers } from './release-buffers.ts';

describe('releaseBuffers', () => {
  it('frees buffers that one chunk fills, and no shared ones', () => {
    const shared = new Uint8Array(10);
    const own = new Uint8Array(5);
    releaseBuffers([own, shared.subarray(0, 4), shared.subarray(4), new Uint8Array(0)]);
    expect({
      ownDetached: own.buffer.detached,
      ownLength: own.length,
      sharedDetached: shared.buffer.detached,
      sharedLength: shared.length,
    }).toEqual({
      ownDetached: true,
      ownLength: 0,
      sharedDetached: false,
      sharedLength: 10,
    });
  });

  it('accepts the same chunk twice', () => {
    const chunk = new Uint8Array(5);
    releaseBuffers([chunk, chunk]);
    releaseBuffers([chunk]);
    expect(chunk.length).toBe(0);
  });
});
