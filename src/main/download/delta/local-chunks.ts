import type { ChunkIndex } from '../../../shared/chunks/chunk-index.ts';
import { chunkDigest } from '../../../shared/chunks/digest.ts';
import { readChunks } from '../../../files/read-chunks.ts';

/** Where this machine has a chunk's bytes. This is only a hint: the bytes are hashed again before they are used. */
export interface LocalChunk {
  readonly path: string;
  /** Offset in bytes. */
  readonly at: number;
  readonly length: number;
}

/** Local copies by chunk digest. */
export type LocalChunks = ReadonlyMap<string, LocalChunk>;

export interface FindSeedsOptions {
  readonly signal?: AbortSignal;
  /** Called when a seed cannot be read. That seed is left out; the others are used. */
  readonly onUnreadable: (path: string, error: unknown) => void;
}

/**
 * Splits local files into chunks as the publisher split the artifact, and keeps the chunks that the index lists. Any
 * file can be a seed: the installed artifact, an interrupted part, a cached older artifact, or a file of the installed
 * tree. Stops once every chunk is found.
 */
export async function findSeeds(
  index: ChunkIndex,
  paths: readonly string[],
  options: FindSeedsOptions,
): Promise<LocalChunks> {
  const wanted = new Set(index.chunks.map((chunk) => chunk.rawDigest));
  const found = new Map<string, LocalChunk>();
  for (const path of paths) {
    if (found.size === wanted.size) break;
    try {
      await searchFile(path, index, wanted, found, options.signal);
    } catch (error) {
      options.signal?.throwIfAborted();
      options.onUnreadable(path, error);
    }
  }
  return found;
}

async function searchFile(
  path: string,
  index: ChunkIndex,
  wanted: ReadonlySet<string>,
  found: Map<string, LocalChunk>,
  signal: AbortSignal | undefined,
): Promise<void> {
  let at = 0;
  for await (const bytes of readChunks(path, index.sizes, signal)) {
    const digest = chunkDigest(bytes);
    if (wanted.has(digest) && !found.has(digest)) found.set(digest, { path, at, length: bytes.length });
    at += bytes.length;
  }
}
