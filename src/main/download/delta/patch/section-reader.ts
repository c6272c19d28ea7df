import type { FileHandle } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { createBrotliDecompress } from 'node:zlib';

import { patchInvalid } from '../../../../shared/patch/patch-header.ts';
import type { ByteStream } from './byte-stream.ts';

/**
 * Decompresses one section of a patch: the `length` compressed bytes from `start`. Holds only a few blocks in memory.
 */
export function openSectionReader(patch: FileHandle, start: number, length: number): ByteStream {
  const compressed = patch.createReadStream({
    start,
    end: start + length - 1,
    autoClose: false,
    highWaterMark: 64 * 1024,
  });
  const brotli = createBrotliDecompress({ chunkSize: 256 * 1024 });
  // Errors reach the iterator below. A section that is closed early may fail later, when the iterator is no longer
  // used. That failure must not end the process.
  for (const stream of [compressed, brotli]) stream.on('error', () => undefined);
  pipeline(compressed, brotli, () => undefined);
  const blocks = brotli[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  let buffered: Uint8Array = new Uint8Array();
  return {
    get buffered() {
      return buffered;
    },
    async fill() {
      while (buffered.length === 0) {
        const next = await nextBlock(blocks);
        if (next === undefined) throw patchInvalid('a section ends early');
        buffered = next;
      }
    },
    skip(count) {
      buffered = buffered.subarray(count);
    },
    close() {
      brotli.destroy();
      compressed.destroy();
    },
  };
}

async function nextBlock(blocks: AsyncIterator<Uint8Array>): Promise<Uint8Array | undefined> {
  try {
    const next = await blocks.next();
    return next.done === true ? undefined : next.value;
  } catch (error) {
    throw patchInvalid('a section cannot be decompressed', error);
  }
}
