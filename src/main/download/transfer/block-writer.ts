import type { PartSource } from '../part/part-journal.ts';
import type { ByteSink } from './transfer-options.ts';

/** Bytes that are written, and noted in the journal, at once. */
const blockBytes = { from: 16 * 1024, to: 256 * 1024 };
/** What all connections together may hold, being gathered or being written: so much may a kill cost, in bytes. */
const atRisk = 1024 * 1024;
/** Bytes of the chunk that fills a block beyond its size: what sockets give at once. */
const chunkBytes = 64 * 1024;
/** On a slow line, what came in is written after this, in milliseconds. */
const blockMs = 1000;

/** Gathers chunks into blocks and writes one block while the next one comes in. */
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

  /** `writers` says how many write to the same part now. */
  constructor(sink: ByteSink, source: PartSource, at: number, writers: () => number) {
    this.#sink = sink;
    this.#source = source;
    this.#at = at;
    this.#writers = writers;
  }

  /** Bytes before this have been handed to the sink. */
  get at(): number {
    return this.#at;
  }

  /** Where the next chunk begins. */
  get end(): number {
    return this.#at + this.#size;
  }

  async push(chunk: Uint8Array): Promise<void> {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    if (this.#size >= blockSize(this.#writers()) || performance.now() - this.#since >= blockMs) await this.#write();
  }

  /** Resolves when everything is written. @throws what writing threw */
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

/** Each writer gathers one block while another is written. */
function blockSize(writers: number): number {
  const share = atRisk / Math.max(1, writers) / 2 - chunkBytes;
  return Math.min(blockBytes.to, Math.max(blockBytes.from, share));
}
