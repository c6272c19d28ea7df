import type { FileHandle } from 'node:fs/promises';

import {
  parsePatchHeader,
  type PatchFile,
  type PatchHeader,
  patchHeaderBytes,
  patchInvalid,
} from '../../../shared/patch/patch-header.ts';
import { unzigzag } from '../../../shared/patch/varint.ts';
import { type BaseWindow, openBase } from './base-window.ts';
import { openSection, type Section } from './section.ts';

export interface ApplyPatch {
  /** The patch itself, verified against its trusted target. */
  readonly patch: FileHandle;
  readonly base: FileHandle;
  /** What the trusted target says of the result. */
  readonly result: PatchFile;
  /** What the base is known to be, if it is. */
  readonly expectedBase?: PatchFile;
  /** Takes the result block by block, in order. The block's memory is used again once the promise settles. */
  readonly write: (at: number, block: Uint8Array) => Promise<void>;
  readonly signal?: AbortSignal;
}

/** The longest group of seven bits that a safe integer takes. */
const maxVarintBytes = 8;
const blockBytes = 512 * 1024;
/** As much of a difference as is looked at at once. */
const zeros = Buffer.alloc(16 * 1024);

/** Reads the header and says which base the patch wants. @throws UpdateError `DOWNLOAD_PATCH_INVALID` */
export async function readPatchHeader(patch: FileHandle): Promise<PatchHeader> {
  const head = new Uint8Array(patchHeaderBytes);
  const [{ bytesRead }, { size }] = await Promise.all([patch.read(head, 0, patchHeaderBytes, 0), patch.stat()]);
  return parsePatchHeader(head.subarray(0, bytesRead), size);
}

/**
 * Makes the result from base and patch with flat memory (about 10 MiB): every read and write is bounded by the lengths
 * that the header declares, which must be the trusted target's. Whether the result is the signed one is for the caller to
 * see: a wrong base gives wrong bytes, never more of them.
 * @throws UpdateError `DOWNLOAD_PATCH_INVALID`; system errors of the files as they are
 */
export async function applyPatch(job: ApplyPatch): Promise<void> {
  const header = await readPatchHeader(job.patch);
  if (header.result.length !== job.result.length || header.result.sha256 !== job.result.sha256) {
    throw patchInvalid('it makes another file');
  }
  const { expectedBase: base = header.base } = job;
  if (header.base.length !== base.length || header.base.sha256 !== base.sha256) {
    throw patchInvalid('it wants another base');
  }
  const [control, difference, extra] = header.sections;
  const sections = [
    openSection(job.patch, patchHeaderBytes, control),
    openSection(job.patch, patchHeaderBytes + control, difference),
    openSection(job.patch, patchHeaderBytes + control + difference, extra),
  ] as const;
  const output = openOutput(job);
  try {
    await runSteps(sections, openBase(job.base), header.base.length, output);
    await output.flush();
  } finally {
    for (const section of sections) section.close();
  }
}

async function runSteps(
  [control, difference, extra]: readonly [Section, Section, Section],
  base: BaseWindow,
  baseLength: number,
  output: Output,
): Promise<void> {
  let basis = 0;
  while (output.left() > 0) {
    basis += unzigzag(await readVarint(control));
    const differing = await readVarint(control);
    const added = await readVarint(control);
    if (differing + added === 0 || differing + added > output.left()) throw patchInvalid('a step leaves the result');
    if (basis < 0 || basis + differing > baseLength) throw patchInvalid('a step leaves the base');
    await addDifference(difference, base, basis, differing, output);
    await copyExtra(extra, added, output);
    basis += differing;
  }
}

async function addDifference(
  section: Section,
  base: BaseWindow,
  basis: number,
  count: number,
  output: Output,
): Promise<void> {
  let done = 0;
  while (done < count) {
    if (section.buffered.length === 0) await section.fill();
    const old = base.at(basis + done);
    if (old === undefined) {
      await base.load(basis + done);
      continue;
    }
    const difference = section.buffered;
    const block = output.room();
    const length = Math.min(count - done, difference.length, old.length, block.length, zeros.length);
    // Nearly everything is as it was: then memory is compared and copied as a whole.
    if (zeros.compare(difference, 0, length, 0, length) === 0) block.set(old.subarray(0, length));
    else
      for (let index = 0; index < length; index += 1)
        block[index] = (old[index] as number) + (difference[index] as number);
    section.skip(length);
    done += length;
    if (output.filled(length)) await output.flush();
  }
}

async function copyExtra(section: Section, count: number, output: Output): Promise<void> {
  let done = 0;
  while (done < count) {
    if (section.buffered.length === 0) await section.fill();
    const block = output.room();
    const bytes = section.buffered.subarray(0, Math.min(count - done, block.length));
    block.set(bytes);
    section.skip(bytes.length);
    done += bytes.length;
    if (output.filled(bytes.length)) await output.flush();
  }
}

async function readVarint(section: Section): Promise<number> {
  let value = 0;
  for (let group = 0; group < maxVarintBytes; group += 1) {
    if (section.buffered.length === 0) await section.fill();
    const byte = section.buffered[0] as number;
    section.skip(1);
    value += (byte & 0x7f) * 0x80 ** group;
    if (byte < 0x80) {
      if (!Number.isSafeInteger(value)) break;
      return value;
    }
  }
  throw patchInvalid('a number is too large');
}

/** Collects the result in blocks. */
interface Output {
  /** Bytes that are still to come. */
  left(): number;
  /** The free part of the block; never empty. */
  room(): Uint8Array;
  /** Counts bytes that were put into the room; true when the block is full. */
  filled(count: number): boolean;
  /** Hands on what is there. */
  flush(): Promise<void>;
}

function openOutput(job: ApplyPatch): Output {
  const block = new Uint8Array(blockBytes);
  let used = 0;
  let written = 0;
  return {
    left: () => job.result.length - written - used,
    room: () => block.subarray(used),
    filled(count) {
      used += count;
      return used === block.length;
    },
    async flush() {
      job.signal?.throwIfAborted();
      if (used > 0) await job.write(written, block.subarray(0, used));
      written += used;
      used = 0;
    },
  };
}
