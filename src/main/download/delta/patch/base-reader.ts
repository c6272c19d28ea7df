import type { FileHandle } from 'node:fs/promises';

import { patchInvalid } from '../../../../shared/patch/patch-header.ts';
import { readFully, readUpTo } from '../../../../files/read-write-fully.ts';
import type { ByteStream } from './byte-stream.ts';

/** What is read at once. Steps jump about: neighbours often stand in a window that is here already. */
const windowBytes = 128 * 1024;
/** Windows in memory. */
const maxWindows = 24;
/** Windows that are read before they are needed. Far below `maxWindows`: what waits is never the oldest, which goes. */
const windowsAhead = 8;

/**
 * The base of a patch: announced stretches of it in their order, read ahead of their use. After `close` nothing more is
 * read; what is being read then keeps its handle open until it is done.
 */
export interface BaseReader extends ByteStream {
  prefetch(at: number, length: number): void;
  /** Fills `bytes` from `at`, beside the stream. @throws UpdateError `DOWNLOAD_PATCH_INVALID` as `fill` does */
  read(bytes: Uint8Array, at: number): Promise<void>;
}

interface Window {
  readonly memory: Uint8Array;
  /** Settles when it is read; never rejects. */
  loading: Promise<void>;
  /** What is there, once it is read. */
  bytes: Uint8Array | undefined;
  failure: unknown;
}

/** Part of a stretch that stands in one window. */
interface Piece {
  readonly window: Window;
  /** Offsets in the window. */
  from: number;
  readonly to: number;
}

export function openBaseReader(file: FileHandle): BaseReader {
  /** The most recently needed one last. */
  const windows = new Map<number, Window>();
  const stretches: { at: number; readonly end: number }[] = [];
  const pieces: Piece[] = [];

  function windowAt(index: number): Window {
    const known = windows.get(index);
    windows.delete(index);
    const window = known ?? load(index, memory());
    windows.set(index, window);
    return window;
  }

  /** A window that leaves gives its memory to the one that comes. */
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

  /** Has the next windows read. */
  function lookAhead(): void {
    for (let stretch = stretches[0]; stretch !== undefined && pieces.length < windowsAhead; stretch = stretches[0]) {
      const index = Math.floor(stretch.at / windowBytes);
      const from = stretch.at - index * windowBytes;
      const to = Math.min(windowBytes, stretch.end - index * windowBytes);
      pieces.push({ window: windowAt(index), from, to });
      stretch.at += to - from;
      if (stretch.at === stretch.end) stretches.shift();
    }
  }

  return {
    prefetch(at, length) {
      if (length === 0) return;
      stretches.push({ at, end: at + length });
      lookAhead();
    },
    get buffered() {
      const [piece] = pieces;
      return piece?.window.bytes?.subarray(piece.from, piece.to) ?? nothing;
    },
    async fill() {
      const [piece] = pieces;
      if (piece === undefined) throw patchInvalid('a step reads what no step announced');
      await piece.window.loading;
      const { bytes, failure } = piece.window;
      if (bytes === undefined || bytes.length < piece.to) throw unreadable(failure);
    },
    skip(count) {
      const piece = pieces[0] as Piece;
      piece.from += count;
      if (piece.from < piece.to) return;
      pieces.shift();
      lookAhead();
    },
    close() {
      stretches.length = 0;
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
  return patchInvalid('its base became shorter or cannot be read', cause);
}
