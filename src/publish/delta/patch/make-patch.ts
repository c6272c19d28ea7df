import { rm, stat } from 'node:fs/promises';
import { availableMemory } from 'node:process';
import { Worker } from 'node:worker_threads';

import { temporarySuffix } from '../../../files/write-atomic.ts';
import { toUpdateError, UpdateError } from '../../../shared/errors.ts';
import type { PatchHeader } from '../../../shared/patch/patch-header.ts';
import { matchMemory } from './match.ts';
import type { PatchJob } from './write-patch.ts';

export interface MakePatchOptions {
  readonly signal?: AbortSignal;
  /** Bytes of memory to use at most. @defaultValue what the system reports as available */
  readonly availableMemory?: number;
}

/** Bytes for the compressor, stacks and buffers. */
const workspaceBytes = 64 * 1024 * 1024;
/** Bytes. The limit of a typed array in the matcher, and more than any known installer. */
const maxFileBytes = 2 ** 31 - 2 ** 20;

/** Bytes of memory that a patch between files of these lengths needs. */
function patchMemory(baseLength: number, resultLength: number): number {
  return baseLength + resultLength + matchMemory(baseLength) + workspaceBytes;
}

/**
 * Writes a patch in a thread of its own.
 * @throws UpdateError `PUBLISH_PATCH_TOO_LARGE` if there is too little memory or a file is too large; clients then use
 * chunks
 */
export async function makePatch(job: PatchJob, options: MakePatchOptions = {}): Promise<PatchHeader> {
  const [base, result] = await Promise.all([stat(job.base), stat(job.result)]);
  const need = patchMemory(base.size, result.size);
  const have = options.availableMemory ?? availableMemory();
  if (need > have || Math.max(base.size, result.size) > maxFileBytes) {
    throw new UpdateError(
      'PUBLISH_PATCH_TOO_LARGE',
      `A patch between ${base.size} and ${result.size} bytes needs ${megabytes(need)} of memory; ${megabytes(have)} are free. Clients will use chunks instead. To get patches, publish from a machine with more memory.`,
      { details: { need, have } },
    );
  }
  try {
    return await runWorker(job, options.signal);
  } catch (error) {
    await rm(`${job.to}${temporarySuffix}`, { force: true });
    throw toUpdateError(error, 'PUBLISH_CONTENT');
  }
}

async function runWorker(job: PatchJob, signal: AbortSignal | undefined): Promise<PatchHeader> {
  signal?.throwIfAborted();
  // From source, the thread runs the TypeScript file beside this one. In the package, it has its own bundle.
  const entry = import.meta.url.endsWith('.ts') ? './worker.ts' : './patch-worker.mjs';
  const worker = new Worker(new URL(entry, import.meta.url), { workerData: job });
  const abort = (): void => void worker.terminate();
  signal?.addEventListener('abort', abort, { once: true });
  try {
    return await new Promise<PatchHeader>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
      worker.once('exit', (code) => reject(signal?.reason ?? new Error(`The patch thread ended with code ${code}.`)));
    });
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1e6)} MB`;
}
