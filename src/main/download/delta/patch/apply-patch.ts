import type { FileHandle } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';

import {
  parsePatchHeader,
  type PatchFile,
  type PatchHeader,
  patchHeaderBytes,
  patchInvalid,
} from '../../../../shared/patch/patch-header.ts';
import type { PatchStep } from '../../../../shared/patch/patch-step.ts';
import { type BaseReader, openBaseReader } from './base-reader.ts';
import { type OutputBlocks, openOutputBlocks } from './output-blocks.ts';
import type { ByteStream } from './byte-stream.ts';
import { openSectionReader } from './section-reader.ts';
import { decodeSteps } from './step-decoder.ts';

export interface ApplyPatch {
  /** The patch, already verified against its trusted target. */
  readonly patch: FileHandle;
  readonly base: FileHandle;
  /** The length and hash of the result in its trusted target. */
  readonly result: PatchFile;
  /** The base's length and hash, if the caller knows them. */
  readonly expectedBase?: PatchFile;
  /** Receives the result block by block, in order. The block's memory is reused once the promise settles. */
  readonly write: (at: number, block: Uint8Array) => Promise<void>;
  readonly signal?: AbortSignal;
}

/** A copy of at least this many bytes goes from the base straight into a block. */
const directBytes = 64 * 1024;

/** Reads the header, which names the base that the patch needs. @throws UpdateError `DOWNLOAD_PATCH_INVALID` */
async function readPatchHeader(patch: FileHandle): Promise<PatchHeader> {
  const head = new Uint8Array(patchHeaderBytes);
  const [{ bytesRead }, { size }] = await Promise.all([patch.read(head, 0, patchHeaderBytes, 0), patch.stat()]);
  return parsePatchHeader(head.subarray(0, bytesRead), size);
}

/**
 * Applies a patch to its base in constant memory (about 10 MiB). The lengths in the header limit every read and write,
 * and they must be those of the trusted target. The caller must verify the result's hash: a wrong base gives wrong
 * bytes, but never more of them.
 * @throws UpdateError `DOWNLOAD_PATCH_INVALID`; system errors of the files unchanged
 */
export async function applyPatch(job: ApplyPatch): Promise<void> {
  const header = await readPatchHeader(job.patch);
  if (header.result.length !== job.result.length || header.result.sha256 !== job.result.sha256) {
    throw patchInvalid('its result is another file');
  }
  const { expectedBase = header.base } = job;
  if (header.base.length !== expectedBase.length || header.base.sha256 !== expectedBase.sha256) {
    throw patchInvalid('it needs another base');
  }
  const [control, difference, extra] = header.sections;
  const sections = [
    openSectionReader(job.patch, patchHeaderBytes, control),
    openSectionReader(job.patch, patchHeaderBytes + control, difference),
    openSectionReader(job.patch, patchHeaderBytes + control + difference, extra),
  ] as const;
  const base = openBaseReader(job.base);
  const lengths = { base: header.base.length, result: job.result.length };
  const output = openOutputBlocks(job.result.length, async (at, block) => {
    job.signal?.throwIfAborted();
    await job.write(at, block);
  });
  try {
    await runSteps(decodeSteps(sections[0], lengths), sections[1], sections[2], base, output, job.signal);
  } finally {
    for (const section of [...sections, base]) section.close();
    await output.close();
  }
}

/** Runs the steps. Meanwhile the next batch is decoded and its bytes of the base are read ahead. */
async function runSteps(
  batches: AsyncGenerator<readonly PatchStep[]>,
  difference: ByteStream,
  extra: ByteStream,
  base: BaseReader,
  output: OutputBlocks,
  signal: AbortSignal | undefined,
): Promise<void> {
  const nextBatch = async (): Promise<readonly PatchStep[]> => {
    const batch = (await batches.next()).value ?? [];
    for (const step of batch) {
      const skipped = isDirect(step) ? step.copied : 0;
      base.prefetch(step.base + skipped, step.copied - skipped + step.differing);
    }
    return batch;
  };
  let batch = await nextBatch();
  while (batch.length > 0) {
    const following = await nextBatch();
    for (const step of batch) {
      if (isDirect(step)) await copyDirectly(base, step, output);
      else if (step.copied > 0) await copyBytes(step.copied, base, output);
      if (step.differing > 0) await addBytes(step.differing, base, difference, output);
      if (step.extra > 0) await copyBytes(step.extra, extra, output);
    }
    batch = following;
    await setImmediate();
    signal?.throwIfAborted();
  }
}

function isDirect({ copied }: PatchStep): boolean {
  return copied >= directBytes;
}

async function copyDirectly(base: BaseReader, { base: from, copied }: PatchStep, output: OutputBlocks): Promise<void> {
  for (let done = 0; done < copied;) {
    const room = output.room ?? (await output.next());
    const bytes = room.subarray(0, copied - done);
    await base.read(bytes, from + done);
    output.filled(bytes.length);
    done += bytes.length;
  }
}

/** Copies bytes from a section to the result. */
async function copyBytes(count: number, from: ByteStream, output: OutputBlocks): Promise<void> {
  for (let left = count; left > 0;) {
    if (from.buffered.length === 0) await from.fill();
    const room = output.room ?? (await output.next());
    const bytes = from.buffered.subarray(0, Math.min(left, room.length));
    room.set(bytes);
    from.skip(bytes.length);
    output.filled(bytes.length);
    left -= bytes.length;
  }
}

/** Adds the bytes of two sections (modulo 256) and writes the sums to the result. */
async function addBytes(count: number, one: ByteStream, other: ByteStream, output: OutputBlocks): Promise<void> {
  for (let left = count; left > 0;) {
    if (one.buffered.length === 0) await one.fill();
    if (other.buffered.length === 0) await other.fill();
    const room = output.room ?? (await output.next());
    const [some, others] = [one.buffered, other.buffered];
    const length = Math.min(left, some.length, others.length, room.length);
    for (let index = 0; index < length; index += 1) {
      room[index] = (some[index] as number) + (others[index] as number);
    }
    one.skip(length);
    other.skip(length);
    output.filled(length);
    left -= length;
  }
}
