import type { Logger } from '../main/ports.ts';
import type { TrustStore } from '../main/trust/contract.ts';
import { isProofName } from '../main/trust/publisher/key-rotation.ts';
import { openPublisherStore } from '../main/trust/publisher/publisher-store.ts';

export interface RootMemory {
  readonly store: TrustStore;
  /** Stores the proofs from the caller that were verified. */
  keep(): Promise<void>;
}

/**
 * The helper's memory of the publisher: the newest index, and the keys that followed the embedded ones. A caller cannot undo
 * it by handing over less. From the caller, it reads only proofs of keys that the helper has not seen yet.
 * @param directory the helper's own trust store
 * @param handedOver a copy of the caller's trust store
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
      // The chain continued after every requested proof except the last one.
      for (const name of asked.slice(0, -1)) {
        const bytes = borrowed.get(name);
        if (bytes !== undefined) await own.write(name, bytes);
      }
    },
  };
}
