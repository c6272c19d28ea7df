import fc from 'fast-check';
import { expect, it } from 'vitest';

import type { PatchStep } from '../../../../shared/patch/patch-step.ts';
import { pushVarint, zigzag } from '../../../../shared/patch/varint.ts';
import { patchInvalid } from '../../../../shared/patch/patch-header.ts';
import type { ByteStream } from './byte-stream.ts';
import { decodeSteps } from './step-decoder.ts';

/** A section that arrives in pieces of `size` bytes. */
function inPieces(bytes: Uint8Array, size: number): ByteStream {
  let [at, buffered] = [0, new Uint8Array()];
  return {
    get buffered() {
      return buffered;
    },
    async fill() {
      if (at === bytes.length) throw patchInvalid('a section ends early');
      buffered = bytes.slice(at, at + size);
      at += buffered.length;
      return Promise.resolve();
    },
    skip(count) {
      buffered = buffered.subarray(count);
    },
    close: () => undefined,
  };
}

const base = 2 ** 40;
const count = fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 2 ** 31 }));
const steps = fc
  .array(fc.record({ base: count, copied: count, differing: count, extra: count }), { minLength: 1, maxLength: 600 })
  .map((all) => all.map((step) => ({ ...step, extra: step.extra + 1 })));

function encode(all: readonly PatchStep[]): { readonly bytes: Uint8Array; readonly length: number } {
  const bytes: number[] = [];
  let [basis, length] = [0, 0];
  for (const step of all) {
    for (const value of [zigzag(step.base - basis), step.copied, step.differing, step.extra]) pushVarint(bytes, value);
    basis = step.base + step.copied + step.differing;
    length += step.copied + step.differing + step.extra;
  }
  return { bytes: Uint8Array.from(bytes), length };
}

async function decode(bytes: Uint8Array, size: number, result: number): Promise<readonly PatchStep[]> {
  const all: PatchStep[] = [];
  for await (const batch of decodeSteps(inPieces(bytes, size), { base, result })) all.push(...batch);
  return all;
}

it('decodes every step, wherever the section is split', async () => {
  await fc.assert(
    fc.asyncProperty(steps, fc.integer({ min: 1, max: 200 }), async (all, size) => {
      const { bytes, length } = encode(all);
      expect(await decode(bytes, size, length)).toEqual(all);
    }),
    { numRuns: 100 },
  );
});

it.each([
  ['ends early', [0, 5], 10],
  ['does nothing', [0, 0, 0, 0], 10],
  ['makes more than the result has', [0, 0, 0, 11], 10],
  ['begins before the base', [1, 1, 0, 9], 10],
  ['has a number beyond 2^53', [0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f], 2 ** 53 - 1],
  ['has a number that does not end', [0, 0, 0, ...Array.from({ length: 20 }, () => 0x80), 1], 10],
])('refuses a step that %s, read at once or byte by byte', async (_what, bytes, length) => {
  for (const size of [1, 100]) {
    const decoding = decode(Uint8Array.from(bytes), size, length);
    await expect(decoding).rejects.toMatchObject({ code: 'DOWNLOAD_PATCH_INVALID' });
  }
});
