import type { TrustStore } from '../../src/main/trust/contract.ts';

/** A trust store without a disk, whose files a test may tamper with. */
export interface MemoryStore extends TrustStore {
  readonly files: Map<string, Uint8Array>;
}

export function createMemoryStore(): MemoryStore {
  const files = new Map<string, Uint8Array>();
  let last: Promise<unknown> = Promise.resolve();
  return {
    files,
    read: (name, maxBytes) => {
      const bytes = files.get(name);
      return Promise.resolve(bytes !== undefined && bytes.length <= maxBytes ? bytes : undefined);
    },
    write: (name, bytes) => Promise.resolve(void files.set(name, bytes)),
    evict: () => Promise.resolve(),
    withLock: (work) => {
      const mine = last.then(work, work);
      last = mine;
      return mine;
    },
  };
}
