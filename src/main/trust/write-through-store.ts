import type { TrustStore } from './contract.ts';

/**
 * The store, and beside it what this process has kept itself: a store that cannot be written, or that somebody put
 * back, makes a running process forget nothing that protects it from going back. Everything that is read is verified
 * again by the reader.
 */
export interface WriteThroughStore {
  /** Every copy that there is, own ones first. */
  read(name: string): Promise<readonly Uint8Array[]>;
  /** Leaves the disk alone when the same bytes are there. What is `disposable` is not held in memory. */
  write(name: string, bytes: Uint8Array, disposable?: boolean): Promise<void>;
}

export function createWriteThroughStore(store: TrustStore, maxBytes: number): WriteThroughStore {
  const own = new Map<string, Uint8Array>();
  return {
    async read(name) {
      const [mine, stored] = [own.get(name), await store.read(name, maxBytes)];
      if (mine !== undefined && stored !== undefined && Buffer.from(mine).equals(stored)) return [mine];
      return [mine, stored].filter((bytes) => bytes !== undefined);
    },
    async write(name, bytes, disposable = false) {
      if (!disposable) own.set(name, bytes);
      const stored = await store.read(name, maxBytes);
      if (stored === undefined || !Buffer.from(stored).equals(bytes)) await store.write(name, bytes);
    },
  };
}
