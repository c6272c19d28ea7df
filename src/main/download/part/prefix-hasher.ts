import { createHash, type Hash } from 'node:crypto';

import type { HashName } from './part-journal.ts';

/** Bytes per read when the hash catches up from the disk. */
const stepBytes = 512 * 1024;

/** Reads exactly `buffer.length` bytes at offset `at`. */
export type ReadAt = (buffer: Uint8Array, at: number) => Promise<void>;

/**
 * Hashes a file whose bytes arrive in any order. Bytes that continue the hashed prefix are hashed as they arrive. The
 * others are read back from the disk's cache when the prefix reaches them.
 */
export class PrefixHasher {
  readonly #name: HashName;
  readonly #read: ReadAt;
  #hash: Hash;
  #frontier = 0;
  #catchingUp = false;

  constructor(name: HashName, read: ReadAt) {
    this.#name = name;
    this.#read = read;
    this.#hash = createHash(name);
  }

  get frontier(): number {
    return this.#frontier;
  }

  /** Hashes bytes that continue the prefix, and ignores others. */
  appendIfContiguous(at: number, chunks: readonly Uint8Array[]): void {
    if (at !== this.#frontier || this.#catchingUp) return;
    for (const chunk of chunks) {
      this.#hash.update(chunk);
      this.#frontier += chunk.length;
    }
  }

  /** Reads and hashes up to `end`. All bytes before it must be on disk. */
  async hashUpTo(end: number): Promise<void> {
    if (this.#catchingUp) return;
    this.#catchingUp = true;
    try {
      const buffer = Buffer.allocUnsafe(Math.min(stepBytes, Math.max(0, end - this.#frontier)));
      while (this.#frontier < end) {
        const step = buffer.subarray(0, Math.min(buffer.length, end - this.#frontier));
        await this.#read(step, this.#frontier);
        this.#hash.update(step);
        this.#frontier += step.length;
      }
    } finally {
      this.#catchingUp = false;
    }
  }

  /** Starts over, because bytes of the hashed prefix were discarded. */
  reset(): void {
    this.#hash = createHash(this.#name);
    this.#frontier = 0;
  }

  /** The hash of the prefix so far, in lower-case hex. */
  digest(): string {
    return this.#hash.copy().digest('hex');
  }
}
