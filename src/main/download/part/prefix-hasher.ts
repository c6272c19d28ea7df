import { createHash, type Hash } from 'node:crypto';

import type { HashName } from './part-journal.ts';

/** Bytes read at once where the hash must catch up with the disk. */
const stepBytes = 512 * 1024;

/** Reads exactly `buffer.length` bytes at `at`. */
export type ReadAt = (buffer: Uint8Array, at: number) => Promise<void>;

/**
 * The hash of a file whose bytes may come in any order: bytes that come right at its frontier are hashed on the way,
 * the others when the frontier gets to them, from the disk's cache.
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

  /** Takes bytes in passing if they continue the run. */
  appendIfContiguous(at: number, chunks: readonly Uint8Array[]): void {
    if (at !== this.#frontier || this.#catchingUp) return;
    for (const chunk of chunks) {
      this.#hash.update(chunk);
      this.#frontier += chunk.length;
    }
  }

  /** Reads on to `end`, all of which must be on disk. */
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

  /** Starts over: something behind the frontier was dropped. */
  reset(): void {
    this.#hash = createHash(this.#name);
    this.#frontier = 0;
  }

  /** Of what is behind the frontier. Lower-case hex. */
  digest(): string {
    return this.#hash.copy().digest('hex');
  }
}
