import { createHash } from 'node:crypto';
import { type FileHandle, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { constants, createBrotliCompress } from 'node:zlib';

import { syncDirectory, temporarySuffix } from '../../../files/write-atomic.ts';
import {
  encodePatchHeader,
  patchHeaderBytes,
  type PatchFile,
  type PatchHeader,
} from '../../../shared/patch/patch-header.ts';
import type { PatchStep } from '../../../shared/patch/patch-step.ts';
import { pushVarint, zigzag } from '../../../shared/patch/varint.ts';
import { matchFiles } from './match.ts';
import { separateCopies } from './separate-copies.ts';

/** The files of a patch: what it is applied to, what it produces, and where to write it. */
export interface PatchJob {
  readonly base: string;
  readonly result: string;
  /** Written atomically. */
  readonly to: string;
  /** Brotli quality of large sections, 0 to 11. Small sections use 11. */
  readonly quality: number;
}

/** Sections up to this many bytes use brotli's best quality, which takes about a second for each megabyte. */
const quickBytes = 16 * 1024 * 1024;
const bestQuality = constants.BROTLI_MAX_QUALITY;
/** A client keeps one window of each section in memory: 4 MiB. A larger window does not save enough to justify it. */
const windowBits = 22;
/** Bytes that the compressor receives at a time. */
const blockBytes = 256 * 1024;

/**
 * Writes a patch in this thread. Its control, difference and extra sections are separate brotli streams, so that a client
 * can decode them in parallel with constant memory. Holds both files in memory.
 */
export async function writePatch(job: PatchJob): Promise<PatchHeader> {
  const [base, result] = await Promise.all([readFile(job.base), readFile(job.result)]);
  const steps = separateCopies(base, result, matchFiles(base, result));
  const temporary = `${job.to}${temporarySuffix}`;
  try {
    const header = await writeSections(temporary, job.quality, base, result, steps);
    await rename(temporary, job.to);
    await syncDirectory(dirname(job.to));
    return header;
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function writeSections(
  path: string,
  quality: number,
  base: Buffer,
  result: Buffer,
  steps: readonly PatchStep[],
): Promise<PatchHeader> {
  const file = await open(path, 'w', 0o644);
  try {
    await file.write(Buffer.alloc(patchHeaderBytes));
    const differing = steps.reduce((sum, step) => sum + step.differing, 0);
    const extra = steps.reduce((sum, step) => sum + step.extra, 0);
    const sections = [
      await writeSection(file, bestQuality, controls(steps)),
      await writeSection(file, differing > quickBytes ? quality : bestQuality, differences(base, result, steps)),
      await writeSection(file, extra > quickBytes ? quality : bestQuality, extras(result, steps)),
    ] as const;
    const header: PatchHeader = { base: describe(base), result: describe(result), sections };
    await file.write(encodePatchHeader(header), 0, patchHeaderBytes, 0);
    await file.sync();
    return header;
  } finally {
    await file.close();
  }
}

/** Appends a compressed section. Resolves to its length in bytes. */
async function writeSection(file: FileHandle, quality: number, pieces: Iterable<Uint8Array>): Promise<number> {
  const brotli = createBrotliCompress({
    params: {
      [constants.BROTLI_PARAM_QUALITY]: quality,
      [constants.BROTLI_PARAM_LGWIN]: windowBits,
    },
  });
  let length = 0;
  const blocks = Readable.from(inBlocks(pieces), { objectMode: false });
  for await (const block of blocks.compose(brotli) as AsyncIterable<Buffer>) {
    await file.write(block);
    length += block.length;
  }
  return length;
}

/** Gathers pieces into blocks, because most pieces are too small to compress one by one. */
function* inBlocks(pieces: Iterable<Uint8Array>): Generator<Uint8Array> {
  let block = new Uint8Array(blockBytes);
  let used = 0;
  for (const piece of pieces) {
    for (let done = 0; done < piece.length;) {
      const part = piece.subarray(done, done + blockBytes - used);
      block.set(part, used);
      used += part.length;
      done += part.length;
      if (used < blockBytes) continue;
      yield block;
      block = new Uint8Array(blockBytes);
      used = 0;
    }
  }
  yield block.subarray(0, used);
}

/** Encodes for each step the distance from the end of the last base, then the counts of copied, differing and extra bytes. */
function* controls(steps: readonly PatchStep[]): Generator<Uint8Array> {
  let basis = 0;
  for (const { base, copied, differing, extra } of steps) {
    const bytes: number[] = [];
    pushVarint(bytes, zigzag(base - basis));
    for (const count of [copied, differing, extra]) pushVarint(bytes, count);
    yield Uint8Array.from(bytes);
    basis = base + copied + differing;
  }
}

function* differences(base: Buffer, result: Buffer, steps: readonly PatchStep[]): Generator<Uint8Array> {
  let at = 0;
  for (const step of steps) {
    for (let done = step.copied; done < step.copied + step.differing; done += blockBytes) {
      const block = new Uint8Array(Math.min(blockBytes, step.copied + step.differing - done));
      for (let index = 0; index < block.length; index += 1) {
        block[index] = (result[at + done + index] as number) - (base[step.base + done + index] as number);
      }
      yield block;
    }
    at += lengthOf(step);
  }
}

function* extras(result: Buffer, steps: readonly PatchStep[]): Generator<Uint8Array> {
  let at = 0;
  for (const step of steps) {
    at += lengthOf(step);
    yield result.subarray(at - step.extra, at);
  }
}

function lengthOf({ copied, differing, extra }: PatchStep): number {
  return copied + differing + extra;
}

function describe(bytes: Buffer): PatchFile {
  return { length: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
}
