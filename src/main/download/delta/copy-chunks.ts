import type { FileHandle } from 'node:fs/promises';

import { plainFs } from '../../../files/plain-fs.ts';
import { chunkDigest } from '../../../shared/chunks/digest.ts';
import { maxBlockBytes } from '../part/part-journal.ts';
import { readFully } from '../../../files/read-write-fully.ts';
import type { ChunkLocation } from './chunk-layout.ts';
import type { LocalChunk, LocalChunks } from './local-chunks.ts';

/** Writes adjacent chunks to their place in the artifact. The memory is reused once the promise settles. */
export type WriteChunks = (at: number, bytes: Uint8Array) => Promise<void>;

/**
 * Copies chunks from seeds through one buffer. Each chunk is hashed before it is written. A seed that changed since it
 * was searched is not read again. Resolves with the paths of such seeds.
 */
export async function copyChunks(
  local: readonly ChunkLocation[],
  seeds: LocalChunks,
  write: WriteChunks,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const changedSeeds = new Set<string>();
  const files = new SeedFiles();
  const buffer = Buffer.allocUnsafeSlow(
    local.reduce((most, { chunk }) => Math.max(most, chunk.rawLength), maxBlockBytes),
  );
  /**
   * The buffer holds `size` bytes of adjacent chunks, starting at offset `at`. Writing them together keeps the journal
   * short.
   */
  let at = 0;
  let size = 0;
  const flush = async (): Promise<void> => {
    if (size > 0) await write(at, buffer.subarray(0, size));
    size = 0;
  };
  try {
    for (const { chunk, rawAt } of local) {
      signal.throwIfAborted();
      if (rawAt !== at + size || size + chunk.rawLength > buffer.length) {
        await flush();
        at = rawAt;
      }
      const seed = seeds.get(chunk.rawDigest);
      if (seed === undefined || changedSeeds.has(seed.path)) continue;
      const bytes = buffer.subarray(size, size + chunk.rawLength);
      if ((await files.read(seed, bytes)) && chunkDigest(bytes) === chunk.rawDigest) size += bytes.length;
      else changedSeeds.add(seed.path);
    }
    await flush();
    return changedSeeds;
  } finally {
    await files.close();
  }
}

/** Keeps the most recently read seed open, because adjacent chunks mostly come from the same seed. */
class SeedFiles {
  #path = '';
  #file: FileHandle | undefined;

  /** Fills `bytes`. Returns `false` if the seed cannot be read at that offset any more. */
  async read({ path, at }: LocalChunk, bytes: Uint8Array): Promise<boolean> {
    try {
      if (path !== this.#path || this.#file === undefined) {
        await this.close();
        this.#file = await plainFs.open(path);
        this.#path = path;
      }
      await readFully(this.#file, bytes, at);
      return true;
    } catch {
      return false;
    }
  }

  async close(): Promise<void> {
    await this.#file?.close();
    this.#file = undefined;
  }
}
