import type { Logger } from '../main/ports.ts';
import type { TrustStore } from '../main/trust/contract.ts';
import { isProofName } from '../main/trust/publisher/key-rotation.ts';
import { openPublisherStore } from '../main/trust/publisher/publisher-store.ts';

export interface RootMemory {
  readonly store: TrustStore;
  /** Keeps the proofs that were borrowed from the caller and turned out to be good. */
  keep(): Promise<void>;
}

/**
 * What root has seen of the publisher: the newest index and the keys that followed the embedded ones. A caller cannot take
 * it back by handing over less. Only proofs of keys that root has not seen yet are read from what was handed over.
 * @param directory root's own trust store
 * @param handedOver a copy of the caller's
 */
export function openMemory(directory: string, handedOver: string, logger: Logger): RootMemory {
  const own = openPublisherStore(directory, logger);
  const callers = openPublisherStore(handedOver, logger);
  const borrowed = new Map<string, Uint8Array>();
  const asked: string[] = [];
  return {
    store: {
      ...own,
      async read(name, maxBytes) {
        if (isProofName(name) && !asked.includes(name)) asked.push(name);
        const known = await own.read(name, maxBytes);
        if (known !== undefined || !isProofName(name)) return known;
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
