import type { FileHandle } from 'node:fs/promises';

import { patchInvalid } from '../../../../shared/patch/patch-header.ts';
import { readFully, readUpTo } from '../../../../files/read-write-fully.ts';
import type { ByteStream } from './byte-stream.ts';

/** Bytes per read. Steps jump around, so the bytes of a later step are often in a window that is already loaded. */
const windowBytes = 128 * 1024;
/** The most windows in memory. */
const maxWindows = 24;
/**
 * Windows to read ahead. Far fewer than `maxWindows`, so that a window still in use is never the oldest, which is
 * evicted.
 */
const windowsAhead = 8;

/**
 * Streams the base's ranges in the order of the `prefetch` calls and reads them ahead of use. After `close`, no read
 * starts. A read that is under way keeps its handle open until it is done.
 */
export interface BaseReader extends ByteStream {
  prefetch(at: number, length: number): void;
  /**
   * Fills `bytes` from offset `at`, apart from the stream. @throws UpdateError `DOWNLOAD_PATCH_INVALID` as `fill` does
   */
  read(bytes: Uint8Array, at: number): Promise<void>;
}

interface Window {
  readonly memory: Uint8Array;
  /** Settles when the read ends. Never rejects. */
  loading: Promise<void>;
  /** The bytes, once they were read. */
  bytes: Uint8Array | undefined;
  failure: unknown;
}

/** The part of a range that lies in one window. */
interface Piece {
  readonly window: Window;
  /** Byte offsets in the window. */
  from: number;
  readonly to: number;
}

export function openBaseReader(file: FileHandle): BaseReader {
  /** The most recently used window comes last. */
  const windows = new Map<number, Window>();
  const pendingRanges: { at: number; readonly end: number }[] = [];
  const pieces: Piece[] = [];

  function windowAt(index: number): Window {
    const known = windows.get(index);
    windows.delete(index);
    const window = known ?? load(index, memory());
    windows.set(index, window);
    return window;
  }

  /** A new window takes over the memory of the evicted one. */
  function memory(): Uint8Array {
    const oldest = windows.size < maxWindows ? undefined : windows.entries().next().value;
    if (oldest === undefined) return new Uint8Array(windowBytes);
    windows.delete(oldest[0]);
    return oldest[1].memory;
  }

  function load(index: number, memory: Uint8Array): Window {
    const window: Window = { memory, loading: Promise.resolve(), bytes: undefined, failure: undefined };
    window.loading = readInto(window, index * windowBytes);
    return window;
  }

  async function readInto(window: Window, at: number): Promise<void> {
    try {
      window.bytes = window.memory.subarray(0, await readUpTo(file, window.memory, at));
    } catch (error) {
      window.failure = error;
    }
  }

  /** Starts to read the next windows. */
  function readAhead(): void {
    for (let range = pendingRanges[0]; range !== undefined && pieces.length < windowsAhead; range = pendingRanges[0]) {
      const index = Math.floor(range.at / windowBytes);
      const from = range.at - index * windowBytes;
      const to = Math.min(windowBytes, range.end - index * windowBytes);
      pieces.push({ window: windowAt(index), from, to });
      range.at += to - from;
      if (range.at === range.end) pendingRanges.shift();
    }
  }

  return {
    prefetch(at, length) {
      if (length === 0) return;
      pendingRanges.push({ at, end: at + length });
      readAhead();
    },
    get buffered() {
      const [piece] = pieces;
      return piece?.window.bytes?.subarray(piece.from, piece.to) ?? nothing;
    },
    async fill() {
      const [piece] = pieces;
      if (piece === undefined) throw patchInvalid('a step reads bytes that were not prefetched');
      await piece.window.loading;
      const { bytes, failure } = piece.window;
      if (bytes === undefined || bytes.length < piece.to) throw unreadable(failure);
    },
    skip(count) {
      const piece = pieces[0] as Piece;
      piece.from += count;
      if (piece.from < piece.to) return;
      pieces.shift();
      readAhead();
    },
    close() {
      pendingRanges.length = 0;
    },
    async read(bytes, at) {
      await readFully(file, bytes, at).catch((error: unknown) => {
        throw unreadable(error);
      });
    },
  };
}

const nothing = new Uint8Array();

function unreadable(cause: unknown): Error {
  return patchInvalid('its base is shorter than expected or cannot be read', cause);
}
