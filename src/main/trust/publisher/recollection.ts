import type { TrustStore } from '../contract.ts';

/**
 * What was seen before: the trust store, and this process's own memory where the store can not be written. Neither is
 * believed: both hold signed envelopes, which are verified again whenever they are read.
 */
export interface Recollection {
  read(name: string): Promise<readonly Uint8Array[]>;
  /** Leaves the disk alone when the same bytes are there. */
  write(name: string, bytes: Uint8Array): Promise<void>;
}

export function createRecollection(store: TrustStore, maxBytes: number): Recollection {
  const own = new Map<string, Uint8Array>();
  return {
    async read(name) {
      return [own.get(name), await store.read(name, maxBytes)].filter((bytes) => bytes !== undefined);
    },
    async write(name, bytes) {
      own.set(name, bytes);
      const stored = await store.read(name, maxBytes);
      if (stored === undefined || !Buffer.from(stored).equals(bytes)) await store.write(name, bytes);
    },
  };
}
