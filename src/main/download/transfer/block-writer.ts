import type { PartSource } from '../part/part-journal.ts';
import type { ByteSink } from './transfer-options.ts';

/** Bytes that are written and journalled at once. */
const blockBytes = { from: 16 * 1024, to: 256 * 1024 };
/** The most bytes that all connections together gather or write at one moment. This is what a kill may cost. */
const maxUnwrittenBytes = 1024 * 1024;
/**
 * The size of one chunk from a socket, in bytes. The chunk that fills a block may exceed the block's size by this much.
 */
const chunkBytes = 64 * 1024;
/** On a slow line, received bytes are written after this time, in milliseconds. */
const blockMs = 1000;

/** Gathers chunks into blocks. Writes one block while the next one arrives. */
export class BlockWriter {
  readonly #sink: ByteSink;
  readonly #source: PartSource;
  readonly #writers: () => number;
  #at: number;
  #chunks: Uint8Array[] = [];
  #size = 0;
  #writing: Promise<void> = Promise.resolve();
  #since = performance.now();
  #failure: { readonly error: unknown } | undefined;

  /** `writers` returns how many connections currently write to the same part. */
  constructor(sink: ByteSink, source: PartSource, at: number, writers: () => number) {
    this.#sink = sink;
    this.#source = source;
    this.#at = at;
    this.#writers = writers;
  }

  /** Bytes before this offset were handed to the sink. */
  get at(): number {
    return this.#at;
  }

  /** The offset of the next chunk. */
  get end(): number {
    return this.#at + this.#size;
  }

  async push(chunk: Uint8Array): Promise<void> {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    if (this.#size >= blockSize(this.#writers()) || performance.now() - this.#since >= blockMs) await this.#write();
  }

  /** Resolves when everything is written. @throws any write error */
  async flush(): Promise<void> {
    if (this.#size > 0) await this.#write();
    await this.#settled();
  }

  async #write(): Promise<void> {
    await this.#settled();
    const writing = this.#sink.write(this.#at, this.#chunks, this.#source);
    this.#at += this.#size;
    this.#chunks = [];
    this.#size = 0;
    this.#since = performance.now();
    this.#writing = writing.catch((error: unknown) => {
      this.#failure = { error };
    });
  }

  async #settled(): Promise<void> {
    await this.#writing;
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}

/** Each writer gathers one block while it writes another. */
function blockSize(writers: number): number {
  const share = maxUnwrittenBytes / Math.max(1, writers) / 2 - chunkBytes;
  return Math.min(blockBytes.to, Math.max(blockBytes.from, share));
}
