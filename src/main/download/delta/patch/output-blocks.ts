/** The blocks of a result: handed on in order, while the next ones are filled. */
export interface OutputBlocks {
  /** Bytes that are still to be filled in. */
  readonly left: number;
  /** The free part of the open block; `undefined` when every block is still being handed on: then {@link next}. */
  readonly room: Uint8Array | undefined;
  /** Waits for a block. @throws what handing on threw */
  next(): Promise<Uint8Array>;
  /** Counts bytes that were put into the room; a full block, and the last one, is handed on. */
  filled(count: number): void;
  /** Resolves when everything is handed on. @throws what handing on threw */
  close(): Promise<void>;
}

/** Large enough that the calls for a block cost little, small enough that hashing it never blocks for long. */
const blockBytes = 1024 * 1024;
/** One that is filled; the others may be on their way to the disk. */
const blocks = 4;

interface Slot {
  readonly memory: Uint8Array;
  /** While it is handed on. */
  busy: Promise<void> | undefined;
}

/** `handOn` is called in the order of the blocks. A block's memory is used again once its promise settles. */
export function openOutputBlocks(
  length: number,
  handOn: (at: number, block: Uint8Array) => Promise<void>,
): OutputBlocks {
  const ring: Slot[] = [];
  /** Blocks handed on so far: the one after them is open. */
  let closed = 0;
  let at = 0;
  let used = 0;
  let failure: { readonly error: unknown } | undefined;

  function slot(): Slot {
    return (ring[closed % blocks] ??= { memory: new Uint8Array(Math.min(blockBytes, length)), busy: undefined });
  }

  async function pass(from: number, full: Slot, count: number): Promise<void> {
    // The one who fills goes first: reading the next block needs not wait until this one is hashed.
    await Promise.resolve();
    try {
      if (failure === undefined) await handOn(from, full.memory.subarray(0, count));
    } catch (error) {
      failure ??= { error };
    }
    full.busy = undefined;
  }

  function assertSound(): void {
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
      assertSound();
      return next.memory.subarray(used);
    },
    filled(count) {
      assertSound();
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
      assertSound();
    },
  };
}
