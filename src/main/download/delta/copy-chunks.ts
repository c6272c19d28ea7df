import type { FileHandle } from 'node:fs/promises';

import { plainFs } from '../../../files/plain-fs.ts';
import { chunkDigest } from '../../../shared/chunks/digest.ts';
import { maxBlockBytes } from '../part/part-journal.ts';
import { readFully } from '../../../files/read-write-fully.ts';
import type { ChunkLocation } from './chunk-layout.ts';
import type { LocalChunk, LocalChunks } from './local-chunks.ts';

/** Writes neighbouring chunks at their place in the artifact. Their memory is used again once the promise settles. */
export type WriteChunks = (at: number, bytes: Uint8Array) => Promise<void>;

/**
 * Copies chunks from seeds through one buffer. Each is hashed before it is written: a seed that changed since it was
 * searched gives nothing more. Resolves with the paths of such seeds.
 */
export async function copyChunks(
  local: readonly ChunkLocation[],
  seeds: LocalChunks,
  write: WriteChunks,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const distrusted = new Set<string>();
  const files = new SeedFiles();
  const buffer = Buffer.allocUnsafeSlow(
    local.reduce((most, { chunk }) => Math.max(most, chunk.rawLength), maxBlockBytes),
  );
  /** The buffer holds neighbours from `at` on, `size` bytes of them: a journal has a line for each block, not each chunk. */
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
      if (seed === undefined || distrusted.has(seed.path)) continue;
      const bytes = buffer.subarray(size, size + chunk.rawLength);
      if ((await files.read(seed, bytes)) && chunkDigest(bytes) === chunk.rawDigest) size += bytes.length;
      else distrusted.add(seed.path);
    }
    await flush();
    return distrusted;
  } finally {
    await files.close();
  }
}

/** The seed that was read last stays open: neighbouring chunks mostly come from the same one. */
class SeedFiles {
  #path = '';
  #file: FileHandle | undefined;

  /** Fills `bytes`; `false` when the seed cannot be read there any more. */
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
