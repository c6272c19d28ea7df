import { type FileHandle, open } from 'node:fs/promises';

import { chunkDigest } from '../../../shared/chunks/digest.ts';
import { maxBlockBytes } from '../journal.ts';
import { readAll } from '../whole-io.ts';
import type { PlacedChunk } from './layout.ts';
import type { LocalChunks } from './seeds.ts';

/** Writes neighbouring chunks at their place in the artifact. */
export type WriteChunks = (at: number, chunks: readonly Uint8Array[]) => Promise<void>;

/**
 * Copies chunks from seeds, each hashed before it is written: a seed that changed since it was searched gives nothing
 * more. Returns the paths of such seeds.
 */
export async function copyChunks(
  local: readonly PlacedChunk[],
  seeds: LocalChunks,
  write: WriteChunks,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const files = new SeedFiles();
  const run = new Run(write);
  try {
    for (const { chunk, rawAt } of local) {
      signal.throwIfAborted();
      const seed = seeds.get(chunk.rawDigest);
      const bytes = seed && (await files.read(seed.path, seed.at, seed.length));
      if (bytes !== undefined && chunkDigest(bytes) === chunk.rawDigest) await run.add(rawAt, bytes);
      else if (seed !== undefined) files.distrust(seed.path);
    }
    await run.flush();
    return files.distrusted;
  } finally {
    await files.close();
  }
}

/** Open seeds: neighbouring chunks mostly come from the same one. */
class SeedFiles {
  readonly distrusted = new Set<string>();
  #path = '';
  #file: FileHandle | undefined;

  /** `undefined` when the seed can not be read there any more. */
  async read(path: string, at: number, length: number): Promise<Uint8Array | undefined> {
    if (this.distrusted.has(path)) return undefined;
    try {
      if (path !== this.#path || this.#file === undefined) {
        await this.close();
        this.#file = await open(path);
        this.#path = path;
      }
      const bytes = Buffer.allocUnsafe(length);
      await readAll(this.#file, bytes, at);
      return bytes;
    } catch {
      return undefined;
    }
  }

  distrust(path: string): void {
    this.distrusted.add(path);
  }

  async close(): Promise<void> {
    await this.#file?.close();
    this.#file = undefined;
  }
}

/** Gathers neighbours, so that a journal has a line for each block rather than for each chunk. */
class Run {
  readonly #write: WriteChunks;
  #at = 0;
  #size = 0;
  #chunks: Uint8Array[] = [];

  constructor(write: WriteChunks) {
    this.#write = write;
  }

  async add(at: number, bytes: Uint8Array): Promise<void> {
    if (at !== this.#at + this.#size || this.#size + bytes.length > maxBlockBytes) {
      await this.flush();
      this.#at = at;
    }
    this.#chunks.push(bytes);
    this.#size += bytes.length;
  }

  async flush(): Promise<void> {
    const chunks = this.#chunks;
    if (chunks.length === 0) return;
    await this.#write(this.#at, chunks);
    this.#at += this.#size;
    this.#chunks = [];
    this.#size = 0;
  }
}
