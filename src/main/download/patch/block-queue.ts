/** The blocks of a result, handed on in order and one at a time, while the next one is filled. */
export interface BlockQueue {
  /** Bytes that are still to be filled in. */
  readonly left: number;
  /** The free part of the open block; `undefined` when none is open: then {@link next} opens one. */
  readonly room: Uint8Array | undefined;
  /** Waits for a free block. @throws what handing on threw */
  next(): Promise<Uint8Array>;
  /** Counts bytes that were put into the room; a full block, and the last one, is handed on. */
  filled(count: number): void;
  /** Resolves when everything is handed on. @throws what handing on threw */
  close(): Promise<void>;
}

/** Large enough that the calls for a block cost little, small enough that hashing it never blocks for long. */
const blockBytes = 1024 * 1024;
/** One that is filled, one that is handed on, one between them. */
const blocks = 3;

/** A block's memory is used again once the promise of `handOn` settles. */
export function openBlockQueue(length: number, handOn: (at: number, block: Uint8Array) => Promise<void>): BlockQueue {
  const ring: { readonly memory: Uint8Array; free: Promise<void> }[] = [];
  /** Blocks opened so far. */
  let opened = 0;
  let at = 0;
  let open: Uint8Array | undefined;
  let used = 0;
  let last: Promise<void> = Promise.resolve();
  let failure: { readonly error: unknown } | undefined;

  async function pass(from: number, bytes: Uint8Array): Promise<void> {
    try {
      if (failure === undefined) await handOn(from, bytes);
    } catch (error) {
      failure = { error };
    }
  }

  function assertSound(): void {
    if (failure !== undefined) throw failure.error;
  }

  return {
    get left() {
      return length - at - used;
    },
    get room() {
      return open?.subarray(used);
    },
    async next() {
      const slot = (ring[opened % blocks] ??= {
        memory: new Uint8Array(Math.min(blockBytes, length)),
        free: Promise.resolve(),
      });
      await slot.free;
      assertSound();
      opened += 1;
      open = slot.memory;
      return open;
    },
    filled(count) {
      used += count;
      const slot = ring[(opened - 1) % blocks];
      if (slot === undefined || (used < slot.memory.length && at + used < length)) return;
      const [from, bytes] = [at, slot.memory.subarray(0, used)];
      slot.free = last = last.then(async () => pass(from, bytes));
      at += used;
      used = 0;
      open = undefined;
    },
    async close() {
      await last;
      assertSound();
    },
  };
}
