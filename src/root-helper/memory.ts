import type { Logger } from '../main/ports.ts';
import type { TrustStore } from '../main/trust/contract.ts';
import { openTrustStore } from '../main/trust/tuf/store/trust-store.ts';

/** Envelopes that prove which publisher keys follow which; the trust room verifies them whenever it reads them. */
const isProof = (name: string): boolean => name.startsWith('publisher-after-');

export interface RootMemory {
  readonly store: TrustStore;
  /** Keeps the proofs that were borrowed from the caller and turned out to be good. */
  keep(): Promise<void>;
}

/**
 * What root has seen: the newest index and the publisher keys that followed the embedded ones. A caller cannot take it
 * back by handing over less. Only proofs of keys that root has not seen yet are read from what was handed over.
 */
export function openMemory(directory: string, callers: TrustStore, logger: Logger): RootMemory {
  const own = openTrustStore(() => Promise.resolve(directory), logger);
  const borrowed = new Map<string, Uint8Array>();
  const asked: string[] = [];
  return {
    store: {
      ...own,
      async read(name, maxBytes) {
        if (isProof(name) && !asked.includes(name)) asked.push(name);
        const known = await own.read(name, maxBytes);
        if (known !== undefined || !isProof(name)) return known;
        const bytes = await callers.read(name, maxBytes);
        if (bytes !== undefined) borrowed.set(name, bytes);
        return bytes;
      },
    },
    async keep() {
      // The chain went on after every proof but the last one that was asked for.
      for (const name of asked.slice(0, -1)) {
        const bytes = borrowed.get(name);
        if (bytes !== undefined) await own.write(name, bytes);
      }
    },
  };
}
