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

/** A patch whose base is on this machine. */
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
  /** Where index and pack are. */
  readonly chunks: DeltaChunks;
  readonly index: ChunkIndex;
  readonly seeds: LocalChunks;
  /** Bytes to transfer, once the index is there. */
  readonly bytes: number;
}

type FoundChunks = Pick<ChunkPlan, 'index' | 'seeds'>;

/** Fetches a whole small target to a file beside the artifact; what is there already is not fetched again. */
export type FetchTarget = (target: TrustedTarget, suffix: string) => Promise<string>;

/** The ways to an artifact that its delta and this machine's files allow. What was found out is kept for the next asker. */
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
   * The patch whose base is here, when it is less than what is missing. The publisher gives out only patches that are
   * smaller than the chunks between the same two files, so a patch that fits needs no look at the index.
   */
  async patch(have: ByteRanges, signal: AbortSignal): Promise<PatchPlan | undefined> {
    this.#patch ??= forgetting(this.#findPatch(signal), () => (this.#patch = undefined));
    const plan = await this.#patch;
    return plan !== undefined && plan.bytes < this.#missing(have) ? plan : undefined;
  }

  /** Chunks, when they cost less than the whole file. Fetches the index and cuts the seeds, once. */
  async chunks(have: ByteRanges, fetch: FetchTarget, signal: AbortSignal): Promise<ChunkPlan | undefined> {
    const listed = this.#request.delta?.chunks;
    if (listed === undefined || listed.length >= this.#missing(have)) return undefined;
    const chunks = await listed.find(signal);
    if (chunks === undefined) return undefined;
    this.#chunks ??= forgetting(this.#findChunks(chunks, fetch, signal), () => (this.#chunks = undefined));
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
   * The seed that has the base's length; of several, the one that has its hash. Reading a single one only to find what is
   * expected would cost more than applying a patch in vain: the result's hash tells.
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
      throw new UpdateError('DOWNLOAD_INDEX_INVALID', 'The chunk index is of another file. Another way is taken.');
    }
    const onUnreadable = (path: string, error: unknown): void => this.#unreadable(path, error);
    return { index, seeds: await findSeeds(index, delta?.seeds ?? [], { signal, onUnreadable }) };
  }

  /** Seeds are hints. That one of them is not there is the rule, and not worth a line. */
  #unreadable(path: string, error: unknown): void {
    if (systemCode(error) === 'ENOENT') return;
    this.#context.options.logger.debug(`The seed ${path} is not used.`, error);
  }
}

/** What failed or was aborted is tried again next time. */
function forgetting<T>(work: Promise<T>, forget: () => void): Promise<T> {
  work.catch(forget);
  return work;
}
