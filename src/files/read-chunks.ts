import { type ChunkSizes, createChunker } from '../shared/chunks/chunker.ts';
import { plainFs } from './plain-fs.ts';

/** Bytes per read. Few enough that chunking them never blocks the event loop for long. */
const readBytes = 256 * 1024;

/**
 * Splits a file into its chunks, in order. All chunks share one buffer, so the caller must use or copy a chunk before
 * it asks for the next one.
 */
export async function* readChunks(path: string, sizes: ChunkSizes, signal?: AbortSignal): AsyncGenerator<Buffer> {
  const chunker = createChunker(sizes);
  const buffer = Buffer.allocUnsafeSlow(sizes.max + readBytes);
  /** The open chunk begins at `start`. The buffer is filled up to `end`. */
  let start = 0;
  let end = 0;
  const file = await plainFs.open(path);
  try {
    for (;;) {
      signal?.throwIfAborted();
      if (end + readBytes > buffer.length) {
        buffer.copyWithin(0, start, end);
        end -= start;
        start = 0;
      }
      const { bytesRead } = await file.read(buffer, end, readBytes);
      if (bytesRead === 0) break;
      for (const cut of chunker.push(buffer.subarray(end, end + bytesRead))) {
        yield buffer.subarray(start, end + cut);
        start = end + cut;
      }
      end += bytesRead;
    }
    if (end > start) yield buffer.subarray(start, end);
  } finally {
    await file.close();
  }
}
