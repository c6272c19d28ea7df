import { readFile } from 'node:fs/promises';

import { plainFs } from '../../../files/plain-fs.ts';
import { type ChunkIndex, parseChunkIndex } from '../../../shared/chunks/chunk-index.ts';
import { systemCode, UpdateError } from '../../../shared/errors.ts';
import type { TrustedTarget } from '../../../shared/trusted-target.ts';
import type { DeltaChunks, DeltaPatch, DownloadRequest } from '../../ports.ts';
import { totalBytes, type ByteRanges } from '../byte-ranges.ts';
import type { DownloadContext } from '../context.ts';
import { chunksPresent, planChunks, requestBytes } from './chunk-layout.ts';
import { findSeeds, type LocalChunks } from './local-chunks.ts';
import { hashFile } from '../../../files/hash-file.ts';

/** A patch whose base file is on this machine. */
export interface PatchPlan {
  readonly kind: 'patch';
  readonly patch: DeltaPatch;
  /** Path of the base. */
  readonly base: string;
  /** Bytes to transfer. */
  readonly bytes: number;
}

/** Chunks from seeds and from the pack. */
export interface ChunkPlan {
  readonly kind: 'chunks';
  /** The targets of the index and the pack. */
  readonly chunks: DeltaChunks;
  readonly index: ChunkIndex;
  readonly seeds: LocalChunks;
  /** Bytes to transfer after the index was fetched. */
  readonly bytes: number;
}

type FoundChunks = Pick<ChunkPlan, 'index' | 'seeds'>;

/** Downloads a whole small target to a file next to the artifact, unless that file exists already. */
export type FetchTarget = (target: TrustedTarget, suffix: string) => Promise<string>;

/**
 * Plans downloads by delta from what the release offers and what files this machine has. Results are kept for later
 * calls.
 */
export class DeltaPlanner {
  readonly #context: DownloadContext;
  readonly #request: DownloadRequest;
  #patch: Promise<PatchPlan | undefined> | undefined;
  #chunks: Promise<FoundChunks> | undefined;

  constructor(context: DownloadContext, request: DownloadRequest) {
    this.#context = context;
    this.#request = request;
  }

  /**
   * The patch whose base is on this machine, if the patch is smaller than what is missing. The publisher releases a
   * patch only if it is smaller than the chunks between the same two files. So the planner takes a fitting patch
   * without looking at the chunk index.
   */
  async patch(have: ByteRanges, signal: AbortSignal): Promise<PatchPlan | undefined> {
    this.#patch ??= clearOnFailure(this.#findPatch(signal), () => (this.#patch = undefined));
    const plan = await this.#patch;
    return plan !== undefined && plan.bytes < this.#missing(have) ? plan : undefined;
  }

  /** The chunks, if they cost less than the whole file. Fetches the index and splits the seeds into chunks once. */
  async chunks(have: ByteRanges, fetch: FetchTarget, signal: AbortSignal): Promise<ChunkPlan | undefined> {
    const listed = this.#request.delta?.chunks;
    if (listed === undefined || listed.length >= this.#missing(have)) return undefined;
    const chunks = await listed.find(signal);
    if (chunks === undefined) return undefined;
    this.#chunks ??= clearOnFailure(this.#findChunks(chunks, fetch, signal), () => (this.#chunks = undefined));
    const { index, seeds } = await this.#chunks;
    const { transferBytes, ranges } = planChunks(index, seeds, chunksPresent(index, have));
    const isCheaper = transferBytes + ranges.length * requestBytes < this.#missing(have) + requestBytes;
    return isCheaper ? { kind: 'chunks', chunks, index, seeds, bytes: transferBytes } : undefined;
  }

  #missing(have: ByteRanges): number {
    return this.#request.target.length - totalBytes(have);
  }

  async #findPatch(signal: AbortSignal): Promise<PatchPlan | undefined> {
    for (const patch of this.#request.delta?.patches ?? []) {
      const base = await this.#findBase(patch, signal);
      if (base !== undefined) return { kind: 'patch', patch, base, bytes: patch.target.length };
    }
    return undefined;
  }

  /**
   * The seed with the base's length. If there are several, the one with the base's hash. A single candidate is not
   * hashed first: it is nearly always the base, and hashing it each time would cost more than the rare patch that
   * fails. A wrong base shows in the hash of the result.
   */
  async #findBase({ base }: DeltaPatch, signal: AbortSignal): Promise<string | undefined> {
    const fitting: string[] = [];
    for (const path of this.#request.delta?.seeds ?? []) {
      try {
        const facts = await plainFs.stat(path);
        if (facts.isFile() && facts.size === base.length) fitting.push(path);
      } catch (error) {
        this.#unreadable(path, error);
      }
    }
    if (fitting.length < 2) return fitting[0];
    for (const path of fitting) {
      try {
        if ((await hashFile(path, signal)) === base.sha256) return path;
      } catch (error) {
        signal.throwIfAborted();
        this.#unreadable(path, error);
      }
    }
    return undefined;
  }

  async #findChunks(chunks: DeltaChunks, fetch: FetchTarget, signal: AbortSignal): Promise<FoundChunks> {
    const { target, delta } = this.#request;
    const index = parseChunkIndex(await readFile(await fetch(chunks.index, 'chunks')));
    const { length, sha256 } = index.artifact;
    if (length !== target.length || sha256 !== target.hashes.sha256) {
      throw new UpdateError(
        'DOWNLOAD_INDEX_INVALID',
        'The chunk index belongs to another file. The download continues without it.',
      );
    }
    const onUnreadable = (path: string, error: unknown): void => this.#unreadable(path, error);
    return { index, seeds: await findSeeds(index, delta?.seeds ?? [], { signal, onUnreadable }) };
  }

  /** Seeds are hints. It is normal that one of them is missing, so that is not logged. */
  #unreadable(path: string, error: unknown): void {
    if (systemCode(error) === 'ENOENT') return;
    this.#context.options.logger.debug(`The seed ${path} is not used.`, error);
  }
}

/** Clears a cached result if it failed or was aborted, so that the next call tries again. */
function clearOnFailure<T>(work: Promise<T>, clear: () => void): Promise<T> {
  work.catch(clear);
  return work;
}
