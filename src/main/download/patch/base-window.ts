import type { FileHandle } from 'node:fs/promises';

import { patchInvalid } from '../../../shared/patch/patch-header.ts';

const windowBytes = 128 * 1024;
const windows = 64;

/** Random reads of the base through a few cached windows: neighbouring steps seldom touch the disk. */
export interface BaseWindow {
  /** The cached bytes from `at` on (at least one), or `undefined`: then `load(at)` first. */
  at(at: number): Uint8Array | undefined;
  load(at: number): Promise<void>;
}

/** @throws UpdateError `DOWNLOAD_PATCH_INVALID` from `load` when the base is shorter than it was */
export function openBase(base: FileHandle): BaseWindow {
  const cache = new Map<number, Uint8Array>();
  return {
    at(at) {
      const index = Math.floor(at / windowBytes);
      const bytes = cache.get(index);
      return bytes === undefined || at - index * windowBytes >= bytes.length
        ? undefined
        : bytes.subarray(at - index * windowBytes);
    },
    async load(at) {
      const index = Math.floor(at / windowBytes);
      // A window that leaves gives its memory to the one that comes.
      const oldest = cache.size < windows ? undefined : cache.keys().next().value;
      const memory =
        oldest === undefined ? new Uint8Array(windowBytes) : new Uint8Array((cache.get(oldest) as Uint8Array).buffer);
      if (oldest !== undefined) cache.delete(oldest);
      const { bytesRead } = await base.read(memory, 0, windowBytes, index * windowBytes);
      if (index * windowBytes + bytesRead <= at) throw patchInvalid('the base became shorter');
      cache.set(index, memory.subarray(0, bytesRead));
    },
  };
}
