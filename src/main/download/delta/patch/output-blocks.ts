/** The blocks of a result. Full blocks are passed on in order while the next ones are filled. */
export interface OutputBlocks {
  /** Bytes still to fill. */
  readonly left: number;
  /** The free part of the open block. `undefined` while every block is being passed on; then call {@link next}. */
  readonly room: Uint8Array | undefined;
  /** Waits for a free block. @throws any error of `handOn` */
  next(): Promise<Uint8Array>;
  /** Counts bytes that the caller wrote to `room`. Passes on a block that is full, and the last one. */
  filled(count: number): void;
  /** Resolves when everything has been passed on. @throws any error of `handOn` */
  close(): Promise<void>;
}

/** Large enough to make the cost per block small; small enough that hashing one never blocks for long. In bytes. */
const blockBytes = 1024 * 1024;
/** One block is being filled while the others may be on their way to the disk. */
const blocks = 4;

interface Slot {
  readonly memory: Uint8Array;
  /** Pending while the block is being passed on. */
  busy: Promise<void> | undefined;
}

/** Calls `handOn` in the order of the blocks. A block's memory is reused once the promise settles. */
export function openOutputBlocks(
  length: number,
  handOn: (at: number, block: Uint8Array) => Promise<void>,
): OutputBlocks {
  const ring: Slot[] = [];
  /** Blocks passed on so far. The next one is open. */
  let closed = 0;
  let at = 0;
  let used = 0;
  let failure: { readonly error: unknown } | undefined;

  function slot(): Slot {
    return (ring[closed % blocks] ??= { memory: new Uint8Array(Math.min(blockBytes, length)), busy: undefined });
  }

  async function pass(from: number, full: Slot, count: number): Promise<void> {
    // Lets the caller go on first, so that it can read the next block before this one is hashed.
    await Promise.resolve();
    try {
      if (failure === undefined) await handOn(from, full.memory.subarray(0, count));
    } catch (error) {
      failure ??= { error };
    }
    full.busy = undefined;
  }

  function throwIfFailed(): void {
    if (failure !== undefined) throw failure.error;
  }

  return {
    get left() {
      return length - at - used;
    },
    get room() {
      const { busy, memory } = slot();
      return busy === undefined ? memory.subarray(used) : undefined;
    },
    async next() {
      const next = slot();
      await next.busy;
      throwIfFailed();
      return next.memory.subarray(used);
    },
    filled(count) {
      throwIfFailed();
      used += count;
      const full = slot();
      if (used < full.memory.length && at + used < length) return;
      full.busy = pass(at, full, used);
      at += used;
      used = 0;
      closed += 1;
    },
    async close() {
      for (const { busy } of ring) await busy;
      throwIfFailed();
    },
  };
}
