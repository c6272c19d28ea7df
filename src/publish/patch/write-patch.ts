import { createHash } from 'node:crypto';
import { type FileHandle, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { constants, createBrotliCompress } from 'node:zlib';

import { syncDirectory, temporarySuffix } from '../../files/write-atomic.ts';
import {
  encodePatchHeader,
  patchHeaderBytes,
  type PatchFile,
  type PatchHeader,
} from '../../shared/patch/patch-header.ts';
import { pushVarint, zigzag } from '../../shared/patch/varint.ts';
import { matchFiles, type Step } from './match.ts';

/** Which file a patch starts from, which it makes, and where it goes. */
export interface PatchJob {
  readonly base: string;
  readonly result: string;
  /** Written atomically. */
  readonly to: string;
  /** Brotli quality, 0 to 11. */
  readonly quality: number;
}

/** Bytes that pass through the compressor at a time. */
const blockBytes = 256 * 1024;

/**
 * Makes a patch in this thread: control, difference and extra sections, each a brotli stream, so that a client can
 * apply them side by side with flat memory. Holds both files in memory.
 */
export async function writePatch(job: PatchJob): Promise<PatchHeader> {
  const [base, result] = await Promise.all([readFile(job.base), readFile(job.result)]);
  const steps = matchFiles(base, result);
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
  steps: readonly Step[],
): Promise<PatchHeader> {
  const file = await open(path, 'w', 0o644);
  try {
    await file.write(Buffer.alloc(patchHeaderBytes));
    const sections = [
      await writeSection(file, quality, controls(steps)),
      await writeSection(file, quality, differences(base, result, steps)),
      await writeSection(file, quality, extras(result, steps)),
    ] as const;
    const header: PatchHeader = { base: describe(base), result: describe(result), sections };
    await file.write(encodePatchHeader(header), 0, patchHeaderBytes, 0);
    await file.sync();
    return header;
  } finally {
    await file.close();
  }
}

/** Appends one compressed section; its length in the file. */
async function writeSection(file: FileHandle, quality: number, blocks: Iterable<Uint8Array>): Promise<number> {
  const brotli = createBrotliCompress({
    params: {
      [constants.BROTLI_PARAM_QUALITY]: quality,
      [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
    },
  });
  let length = 0;
  for await (const block of Readable.from(blocks, { objectMode: false }).compose(brotli) as AsyncIterable<Buffer>) {
    await file.write(block);
    length += block.length;
  }
  return length;
}

/** Per step: the distance to its base from where the last one ended, the differing bytes, the extra bytes. */
function* controls(steps: readonly Step[]): Generator<Uint8Array> {
  let bytes: number[] = [];
  let basis = 0;
  for (const step of steps) {
    pushVarint(bytes, zigzag(step.base - basis));
    pushVarint(bytes, step.differing);
    pushVarint(bytes, step.extra);
    basis = step.base + step.differing;
    if (bytes.length >= blockBytes) {
      yield Uint8Array.from(bytes);
      bytes = [];
    }
  }
  yield Uint8Array.from(bytes);
}

function* differences(base: Buffer, result: Buffer, steps: readonly Step[]): Generator<Uint8Array> {
  let at = 0;
  for (const step of steps) {
    for (let done = 0; done < step.differing; done += blockBytes) {
      const block = new Uint8Array(Math.min(blockBytes, step.differing - done));
      for (let index = 0; index < block.length; index += 1) {
        block[index] = (result[at + done + index] as number) - (base[step.base + done + index] as number);
      }
      yield block;
    }
    at += step.differing + step.extra;
  }
}

function* extras(result: Buffer, steps: readonly Step[]): Generator<Uint8Array> {
  let at = 0;
  for (const step of steps) {
    at += step.differing;
    for (let done = 0; done < step.extra; done += blockBytes) {
      yield result.subarray(at + done, at + Math.min(step.extra, done + blockBytes));
    }
    at += step.extra;
  }
}

function describe(bytes: Buffer): PatchFile {
  return { length: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
}
