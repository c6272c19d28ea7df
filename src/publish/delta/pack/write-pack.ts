import { createHash } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants } from 'node:zlib';

import { syncDirectory, temporarySuffix } from '../../../files/write-atomic.ts';
import type { Chunk, ChunkIndex } from '../../../shared/chunks/chunk-index.ts';
import { type ChunkSizes, defaultChunkSizes } from '../../../shared/chunks/chunker.ts';
import { chunkDigest, frameDigest } from '../../../shared/chunks/digest.ts';
import { readChunks } from '../../../files/read-chunks.ts';

export interface PackBuild {
  /** Path of the artifact, preferably one without inner compression. */
  readonly artifact: string;
  /** Path of the pack. Written atomically. */
  readonly to: string;
  /** Brotli quality, 0 to 11. */
  readonly quality: number;
  readonly sizes?: ChunkSizes;
  readonly signal?: AbortSignal;
  /** Receives the number of the artifact's bytes packed so far. */
  readonly onProgress?: (packed: number) => void;
}

interface Frame {
  readonly bytes: Uint8Array;
  readonly chunk: Chunk;
}

const compress = promisify(brotliCompress);

/**
 * Cuts an artifact into chunks and writes their frames in order. Compresses each frame separately on libuv's threads.
 * Holds only a few chunks in memory.
 */
export async function writePack(job: PackBuild): Promise<ChunkIndex> {
  const temporary = `${job.to}${temporarySuffix}`;
  try {
    const index = await writeFrames(temporary, job);
    await rename(temporary, job.to);
    await syncDirectory(dirname(job.to));
    return index;
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function writeFrames(path: string, job: PackBuild): Promise<ChunkIndex> {
  const sizes = job.sizes ?? defaultChunkSizes;
  const artifact = createHash('sha256');
  const pack = createHash('sha256');
  const chunks: Chunk[] = [];
  const file = await open(path, 'w', 0o644);
  let rawLength = 0;
  let packLength = 0;
  try {
    for await (const frame of frames(job, sizes, artifact)) {
      await writeAll(file, frame.bytes);
      pack.update(frame.bytes);
      chunks.push(frame.chunk);
      rawLength += frame.chunk.rawLength;
      packLength += frame.chunk.frameLength;
      job.onProgress?.(rawLength);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return {
    sizes,
    artifact: { length: rawLength, sha256: artifact.digest('hex') },
    pack: { length: packLength, sha256: pack.digest('hex') },
    chunks,
  };
}

/** Yields the frames in order. Compresses up to two frames for each core at once. */
async function* frames(
  job: PackBuild,
  sizes: ChunkSizes,
  artifact: ReturnType<typeof createHash>,
): AsyncGenerator<Frame> {
  const ahead = availableParallelism() * 2;
  const running: Promise<Frame>[] = [];
  for await (const raw of readChunks(job.artifact, sizes, job.signal)) {
    artifact.update(raw);
    const frame = makeFrame(Buffer.from(raw), job.quality);
    // Marks a rejection as handled while earlier frames are awaited; it surfaces when its turn comes.
    frame.catch(() => undefined);
    running.push(frame);
    if (running.length >= ahead) yield (await running.shift()) as Frame;
  }
  for (const frame of running) yield await frame;
}

/** Compresses a chunk. A chunk that does not shrink is stored uncompressed. */
async function makeFrame(raw: Buffer, quality: number): Promise<Frame> {
  const compressed = await compress(raw, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: quality,
      [constants.BROTLI_PARAM_SIZE_HINT]: raw.length,
      [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
    },
  });
  const bytes = compressed.length < raw.length ? compressed : raw;
  return {
    bytes,
    chunk: {
      rawLength: raw.length,
      frameLength: bytes.length,
      rawDigest: chunkDigest(raw),
      frameDigest: frameDigest(bytes),
    },
  };
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) done += (await file.write(bytes, done)).bytesWritten;
}
