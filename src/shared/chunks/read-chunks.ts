import { createReadStream } from 'node:fs';

import { type ChunkSizes, createChunker } from './chunker.ts';

/** Bytes that are read at a time: short enough that cutting them never blocks the event loop for long. */
const readBytes = 256 * 1024;

/** Cuts a file into its chunks, in order. Memory stays below one chunk and one read. */
export async function* readChunks(path: string, sizes: ChunkSizes, signal?: AbortSignal): AsyncGenerator<Buffer> {
  const chunker = createChunker(sizes);
  let head: Buffer[] = [];
  const stream = createReadStream(path, { highWaterMark: readBytes, ...(signal === undefined ? {} : { signal }) });
  for await (const bytes of stream as AsyncIterable<Buffer>) {
    let from = 0;
    for (const cut of chunker.push(bytes)) {
      yield Buffer.concat([...head, bytes.subarray(from, cut)]);
      head = [];
      from = cut;
    }
    if (from < bytes.length) head.push(bytes.subarray(from));
  }
  if (head.length > 0) yield Buffer.concat(head);
}
