import type { FileHandle } from 'node:fs/promises';

import { patchInvalid } from '../../../shared/patch/patch-header.ts';
import { readAll } from '../whole-io.ts';

const windowBytes = 128 * 1024;
const maxWindows = 32;

/**
 * The base of a patch, read in any order. Short reads go through a few cached windows: neighbouring steps seldom touch
 * the disk.
 */
export interface Base {
  /** Fills `bytes` from `at`. @throws UpdateError `DOWNLOAD_PATCH_INVALID` when the base can not be read there */
  read(bytes: Uint8Array, at: number): Promise<void>;
  /** The cached bytes from `at` on, at least one; `undefined`: then {@link load} gives them. */
  cached(at: number): Uint8Array | undefined;
  /** @throws UpdateError as `read` does */
  load(at: number): Promise<Uint8Array>;
}

export function openBase(file: FileHandle): Base {
  const windows = new Map<number, Uint8Array>();

  function cached(at: number): Uint8Array | undefined {
    const index = Math.floor(at / windowBytes);
    const rest = windows.get(index)?.subarray(at - index * windowBytes);
    return rest?.length === 0 ? undefined : rest;
  }

  /** A window that leaves gives its memory to the one that comes. */
  function memory(): Uint8Array {
    const oldest = windows.size < maxWindows ? undefined : windows.entries().next().value;
    if (oldest === undefined) return new Uint8Array(windowBytes);
    windows.delete(oldest[0]);
    return new Uint8Array(oldest[1].buffer);
  }

  return {
    cached,
    async read(bytes, at) {
      await readAll(file, bytes, at).catch((error: unknown) => {
        throw unreadable(error);
      });
    },
    async load(at) {
      const index = Math.floor(at / windowBytes);
      const window = memory();
      const { bytesRead } = await file.read(window, 0, windowBytes, index * windowBytes).catch((error: unknown) => {
        throw unreadable(error);
      });
      windows.set(index, window.subarray(0, bytesRead));
      const bytes = cached(at);
      if (bytes === undefined) throw unreadable();
      return bytes;
    },
  };
}

function unreadable(cause?: unknown): Error {
  return patchInvalid('its base became shorter or can not be read', cause);
}
