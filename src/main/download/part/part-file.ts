import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';

import { syncDirectory } from '../../../files/write-atomic.ts';
import { AppendLog } from './append-log.ts';
import { addRange, totalBytes, type ByteRange, type ByteRanges, gaps } from '../byte-ranges.ts';
import { BackgroundSync } from './background-sync.ts';
import { PrefixHasher } from './prefix-hasher.ts';
import {
  formatJournal,
  formatBlock,
  formatSource,
  type PartBlock,
  type PartIdentity,
  type PartJournal,
  type PartSource,
} from './part-journal.ts';
import { readFully, writeFully } from '../../../files/read-write-fully.ts';

/** The paths of a part and its journal, next to the finished file. */
export interface PartPaths {
  readonly to: string;
  readonly part: string;
  readonly journal: string;
}

export function partPaths(to: string): PartPaths {
  return { to, part: `${to}.part`, journal: `${to}.part.json` };
}

export interface FinishOptions {
  /** Whether to flush the file to the disk, rather than leave it in the system's cache. */
  readonly isDurable: boolean;
  /** Of the finished file. @defaultValue as private as the part */
  readonly mode?: number | undefined;
}

/**
 * A file that is being assembled. Every block is written first and journalled second, so a process that dies loses only
 * the blocks not yet in the journal. Each byte is written once, and the hash sees exactly what is written.
 */
export class PartFile {
  readonly paths: PartPaths;
  readonly identity: PartIdentity;
  readonly hash: PrefixHasher;
  readonly #data: FileHandle;
  readonly #sync: BackgroundSync;
  #log: AppendLog | undefined;
  #sources: PartSource[] = [];
  #blocks: PartBlock[] = [];
  #ranges: ByteRanges = [];

  constructor(paths: PartPaths, identity: PartIdentity, data: FileHandle) {
    this.paths = paths;
    this.identity = identity;
    this.#data = data;
    this.#sync = new BackgroundSync(data);
    this.hash = new PrefixHasher(identity.hashName, (buffer, at) => readFully(data, buffer, at));
  }

  /** The bytes that are written or being written. */
  get ranges(): ByteRanges {
    return this.#ranges;
  }

  get received(): number {
    return totalBytes(this.#ranges);
  }

  get blocks(): readonly PartBlock[] {
    return this.#blocks;
  }

  get sources(): readonly PartSource[] {
    return this.#sources;
  }

  /** Replaces the journal, in memory and on disk. Blocks that it does not list are discarded. */
  async replaceJournal(journal: PartJournal): Promise<void> {
    await this.#log?.close();
    this.#sources = [...journal.sources];
    this.#blocks = [...journal.blocks];
    this.#ranges = this.#blocks.reduce<ByteRanges>(addRange, []);
    this.#log = await this.#startLog(formatJournal(this.identity, journal), journal.blocks.length === 0);
  }

  /** An empty journal has nothing to lose, so it need not wait for the disk. Links are replaced, never followed. */
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

  /** Discards unwanted blocks, and all bytes not in the journal, so that they are fetched again. */
  async discardBlocks(unwanted: (block: PartBlock, source: PartSource | undefined) => boolean): Promise<void> {
    const kept = this.#blocks.filter((block) => !unwanted(block, this.#sources[block.source]));
    await this.replaceJournal({ sources: this.#sources, blocks: kept });
    this.hash.reset();
  }

  /**
   * Writes those bytes of the chunks, which start at offset `at`, that are missing. Without a source the journal does
   * not record them: this machine can produce them again, so a crash or {@link discardBlocks} may drop them.
   */
  async write(at: number, chunks: readonly Uint8Array[], source?: PartSource): Promise<void> {
    const whole = { start: at, end: chunks.reduce((sum, chunk) => sum + chunk.length, at) };
    const missing = gaps(this.#ranges, whole);
    // Claimed before the first await, so that no other connection writes these bytes.
    for (const piece of missing) this.#ranges = addRange(this.#ranges, piece);
    for (const piece of missing) await this.#writePiece(piece, cut(chunks, whole, piece), source);
  }

  async #writePiece(piece: ByteRange, chunks: readonly Uint8Array[], source: PartSource | undefined): Promise<void> {
    const writing = writeFully(this.#data, chunks, piece.start);
    // Hashes while the kernel copies.
    this.hash.appendIfContiguous(piece.start, chunks);
    const checksum = source === undefined ? 0 : chunks.reduce((sum, chunk) => crc32(chunk, sum), 0);
    await writing;
    this.#sync.wrote(piece.end - piece.start);
    if (source !== undefined) await this.#log?.append(this.#record({ ...piece, crc32: checksum }, source));
  }

  #record(block: Omit<PartBlock, 'source'>, source: PartSource): string {
    let index = this.#sources.findIndex(({ url, validator }) => url === source.url && validator === source.validator);
    const isNew = index === -1;
    if (isNew) index = this.#sources.push(source) - 1;
    this.#blocks.push({ ...block, source: index });
    return (isNew ? formatSource(source) : '') + formatBlock({ ...block, source: index });
  }

  /** Whether the whole file matches the signed hash. Reads the bytes that were not hashed while they were written. */
  async matchesDigest(): Promise<boolean> {
    await this.hash.hashUpTo(this.identity.length);
    return this.hash.digest() === this.identity.digest;
  }

  async checksum(range: ByteRange): Promise<number> {
    return crc32(await this.read(range));
  }

  /** Reads bytes from the disk. */
  async read(range: ByteRange): Promise<Buffer> {
    const buffer = Buffer.allocUnsafe(range.end - range.start);
    await readFully(this.#data, buffer, range.start);
    return buffer;
  }

  /** Renames the part to its final name. Makes file and name durable if `isDurable`. */
  async finish({ isDurable, mode }: FinishOptions): Promise<void> {
    await this.#data.truncate(this.identity.length);
    // By its descriptor: another user may put something else under a name.
    if (mode !== undefined) await this.#data.chmod(mode);
    await this.#sync.settled();
    if (isDurable) await this.#data.sync();
    await this.close();
    await rename(this.paths.part, this.paths.to);
    await rm(this.paths.journal, { force: true });
    if (isDurable) await syncDirectory(dirname(this.paths.to));
  }

  /** Closes and removes a part that cannot become valid. */
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
      await this.#sync.settled();
    } finally {
      await this.#data.close();
    }
  }
}

/** The name is fixed, so that the next holder of the lock cleans up after a process that was killed. */
function nextJournal(path: string): string {
  return `${path}.next`;
}

/** The slices of `chunks` (which cover `whole`) that cover `piece`. */
function cut(chunks: readonly Uint8Array[], whole: ByteRange, piece: ByteRange): readonly Uint8Array[] {
  if (piece.start === whole.start && piece.end === whole.end) return chunks;
  let at = whole.start;
  return chunks.flatMap((chunk) => {
    const start = at;
    at += chunk.length;
    const slice = chunk.subarray(Math.max(0, piece.start - start), Math.max(0, piece.end - start));
    return slice.length === 0 ? [] : [slice];
  });
}
