import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';

import { syncDirectory } from '../../../files/write-atomic.ts';
import { AppendLog } from './append-log.ts';
import { addExtent, bytesIn, type Extent, type Extents, missingIn } from '../byte-ranges.ts';
import { Flusher } from './background-sync.ts';
import { FrontierHash } from './prefix-hasher.ts';
import {
  formatJournal,
  formatLine,
  type PartBlock,
  type PartIdentity,
  type PartJournal,
  type PartSource,
} from './part-journal.ts';
import { readAll, writeAll } from '../../../files/read-write-fully.ts';

/** Where a part and its journal live beside the finished file. */
export interface PartPaths {
  readonly to: string;
  readonly part: string;
  readonly journal: string;
}

export function partPaths(to: string): PartPaths {
  return { to, part: `${to}.part`, journal: `${to}.part.json` };
}

/**
 * A file that is being put together. Every block is written, then noted in the journal: a process that dies loses what
 * it had not noted yet and nothing else. Each byte is written once, and the hash sees exactly what is written.
 */
export class PartFile {
  readonly paths: PartPaths;
  readonly identity: PartIdentity;
  readonly hash: FrontierHash;
  readonly #data: FileHandle;
  readonly #flusher: Flusher;
  #log: AppendLog | undefined;
  #sources: PartSource[] = [];
  #blocks: PartBlock[] = [];
  #extents: Extents = [];

  constructor(paths: PartPaths, identity: PartIdentity, data: FileHandle) {
    this.paths = paths;
    this.identity = identity;
    this.#data = data;
    this.#flusher = new Flusher(data);
    this.hash = new FrontierHash(identity.hashName, (buffer, at) => readAll(data, buffer, at));
  }

  /** What is written, or is being written right now. */
  get extents(): Extents {
    return this.#extents;
  }

  get received(): number {
    return bytesIn(this.#extents);
  }

  get blocks(): readonly PartBlock[] {
    return this.#blocks;
  }

  get sources(): readonly PartSource[] {
    return this.#sources;
  }

  /** Makes `journal` the truth, on disk too. Blocks that it leaves out are forgotten. */
  async adopt(journal: PartJournal): Promise<void> {
    await this.#log?.close();
    this.#sources = [...journal.sources];
    this.#blocks = [...journal.blocks];
    this.#extents = this.#blocks.reduce<Extents>(addExtent, []);
    this.#log = await this.#startLog(formatJournal(this.identity, journal), journal.blocks.length === 0);
  }

  /** An empty journal has nothing to lose, so it needs not wait for the disk. Links are replaced, never followed. */
  async #startLog(text: string, isEmpty: boolean): Promise<AppendLog> {
    const { journal } = this.paths;
    await rm(nextJournal(journal), { force: true });
    if (isEmpty) await rm(journal, { force: true });
    const file = await open(isEmpty ? journal : nextJournal(journal), 'ax', 0o600);
    try {
      await file.appendFile(text);
      if (!isEmpty) {
        await file.sync();
        await rename(nextJournal(journal), journal);
      }
      return new AppendLog(file);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Forgets blocks, and whatever was not noted, so that they are fetched again. */
  async drop(unwanted: (block: PartBlock, source: PartSource | undefined) => boolean): Promise<void> {
    const kept = this.#blocks.filter((block) => !unwanted(block, this.#sources[block.source]));
    await this.adopt({ sources: this.#sources, blocks: kept });
    this.hash.reset();
  }

  /**
   * Writes what is not there yet of the chunks that begin at `at`. Without a source it is not noted in the journal: what
   * this machine can make again is forgotten by a crash, and by {@link drop}.
   */
  async write(at: number, chunks: readonly Uint8Array[], source?: PartSource): Promise<void> {
    const whole = { at, end: chunks.reduce((sum, chunk) => sum + chunk.length, at) };
    const missing = missingIn(this.#extents, whole);
    // Claimed before the first await: no other connection may write these bytes.
    for (const piece of missing) this.#extents = addExtent(this.#extents, piece);
    for (const piece of missing) await this.#writePiece(piece, cut(chunks, whole, piece), source);
  }

  async #writePiece(piece: Extent, chunks: readonly Uint8Array[], source: PartSource | undefined): Promise<void> {
    const writing = writeAll(this.#data, chunks, piece.at);
    // Hashed while the kernel copies.
    this.hash.offer(piece.at, chunks);
    const checksum = source === undefined ? 0 : chunks.reduce((sum, chunk) => crc32(chunk, sum), 0);
    await writing;
    this.#flusher.wrote(piece.end - piece.at);
    if (source !== undefined) await this.#log?.append(this.#note({ ...piece, crc32: checksum }, source));
  }

  #note(block: Omit<PartBlock, 'source'>, source: PartSource): string {
    let index = this.#sources.findIndex(({ url, validator }) => url === source.url && validator === source.validator);
    const isNew = index === -1;
    if (isNew) index = this.#sources.push(source) - 1;
    this.#blocks.push({ ...block, source: index });
    return (isNew ? formatLine(source) : '') + formatLine({ ...block, source: index });
  }

  /** Whether the whole file is the one that was signed; reads what was not hashed on the way. */
  async isRight(): Promise<boolean> {
    await this.hash.catchUp(this.identity.length);
    return this.hash.digest() === this.identity.digest;
  }

  async checksum(extent: Extent): Promise<number> {
    return crc32(await this.read(extent));
  }

  /** What is on disk. */
  async read(extent: Extent): Promise<Buffer> {
    const buffer = Buffer.allocUnsafe(extent.end - extent.at);
    await readAll(this.#data, buffer, extent.at);
    return buffer;
  }

  /** Gives the bytes their name, and makes both durable where that is wanted. */
  async finish(isDurable: boolean): Promise<void> {
    await this.#data.truncate(this.identity.length);
    await this.#flusher.settled();
    if (isDurable) await this.#data.sync();
    await this.close();
    await rename(this.paths.part, this.paths.to);
    await rm(this.paths.journal, { force: true });
    if (isDurable) await syncDirectory(dirname(this.paths.to));
  }

  /** Removes what cannot become right. */
  async remove(): Promise<void> {
    await this.close();
    await rm(this.paths.part, { force: true });
    await rm(this.paths.journal, { force: true });
  }

  /** Idempotent. */
  async close(): Promise<void> {
    await this.#log?.close();
    this.#log = undefined;
    try {
      await this.#flusher.settled();
    } finally {
      await this.#data.close();
    }
  }
}

/** A name that is always the same: whoever holds the lock cleans up after one who was killed. */
function nextJournal(path: string): string {
  return `${path}.next`;
}

/** The slices of `chunks` (which cover `whole`) that cover `piece`. */
function cut(chunks: readonly Uint8Array[], whole: Extent, piece: Extent): readonly Uint8Array[] {
  if (piece.at === whole.at && piece.end === whole.end) return chunks;
  let at = whole.at;
  return chunks.flatMap((chunk) => {
    const start = at;
    at += chunk.length;
    const slice = chunk.subarray(Math.max(0, piece.at - start), Math.max(0, piece.end - start));
    return slice.length === 0 ? [] : [slice];
  });
}
