import type { FileHandle } from 'node:fs/promises';

import {
  parsePatchHeader,
  type PatchFile,
  type PatchHeader,
  patchHeaderBytes,
  patchInvalid,
} from '../../../shared/patch/patch-header.ts';
import { unzigzag } from '../../../shared/patch/varint.ts';
import { type Base, openBase } from './base.ts';
import { type BlockQueue, openBlockQueue } from './block-queue.ts';
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
/** Copies of at least this many bytes go from the base straight into a block. */
const directBytes = 64 * 1024;

/** Reads the header and says which base the patch wants. @throws UpdateError `DOWNLOAD_PATCH_INVALID` */
async function readPatchHeader(patch: FileHandle): Promise<PatchHeader> {
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
  const output = openBlockQueue(job.result.length, async (at, block) => {
    job.signal?.throwIfAborted();
    await job.write(at, block);
  });
  try {
    await runSteps(sections, openBase(job.base), header.base.length, output);
  } finally {
    for (const section of sections) section.close();
    await output.close();
  }
}

async function runSteps(
  [control, difference, extra]: readonly [Section, Section, Section],
  base: Base,
  baseLength: number,
  output: BlockQueue,
): Promise<void> {
  let basis = 0;
  while (output.left > 0) {
    basis += unzigzag(await readVarint(control));
    const copied = await readVarint(control);
    const differing = await readVarint(control);
    const added = await readVarint(control);
    const total = copied + differing + added;
    if (total === 0 || total > output.left) throw patchInvalid('a step leaves the result');
    if (basis < 0 || basis + copied + differing > baseLength) throw patchInvalid('a step leaves the base');
    await copyBase(base, basis, copied, output);
    await addDifference(difference, base, basis + copied, differing, output);
    await copyExtra(extra, added, output);
    basis += copied + differing;
  }
}

async function copyBase(base: Base, basis: number, count: number, output: BlockQueue): Promise<void> {
  for (let done = 0; done < count;) {
    const room = output.room ?? (await output.next());
    let length = Math.min(count - done, room.length);
    if (length >= directBytes) {
      await base.read(room.subarray(0, length), basis + done);
    } else {
      const old = base.cached(basis + done) ?? (await base.load(basis + done));
      length = Math.min(length, old.length);
      room.set(old.subarray(0, length));
    }
    output.filled(length);
    done += length;
  }
}

async function addDifference(
  section: Section,
  base: Base,
  basis: number,
  count: number,
  output: BlockQueue,
): Promise<void> {
  for (let done = 0; done < count;) {
    if (section.buffered.length === 0) await section.fill();
    const difference = section.buffered;
    const old = base.cached(basis + done) ?? (await base.load(basis + done));
    const room = output.room ?? (await output.next());
    const length = Math.min(count - done, difference.length, old.length, room.length);
    for (let index = 0; index < length; index += 1)
      room[index] = (old[index] as number) + (difference[index] as number);
    section.skip(length);
    output.filled(length);
    done += length;
  }
}

async function copyExtra(section: Section, count: number, output: BlockQueue): Promise<void> {
  for (let done = 0; done < count;) {
    if (section.buffered.length === 0) await section.fill();
    const room = output.room ?? (await output.next());
    const bytes = section.buffered.subarray(0, Math.min(count - done, room.length));
    room.set(bytes);
    section.skip(bytes.length);
    output.filled(bytes.length);
    done += bytes.length;
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
