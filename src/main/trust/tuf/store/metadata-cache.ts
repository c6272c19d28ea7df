import { createHash } from 'node:crypto';

import type { TrustOptions } from '../../../ports.ts';
import type { TrustStore } from '../../contract.ts';
import type { WriteThroughStore } from '../../write-through-store.ts';
import { maxRoleBytes } from '../metadata/limits.ts';

/** What was verified and seen before, from one refresh to the next. */
export interface MetadataCache {
  read(name: string): Promise<readonly Uint8Array[]>;
  /** Keeps a file, unless another process has meanwhile kept one that `isBetter`. */
  save(name: string, bytes: Uint8Array, isBetter?: (stored: Uint8Array) => Promise<boolean>): Promise<void>;
}

/** Locks only while it writes: two processes that check at once do not wait for each other's network. */
export function createMetadataCache(
  store: TrustStore,
  recollection: WriteThroughStore,
  options?: TrustOptions,
): MetadataCache {
  return {
    read: (name) => recollection.read(name),
    async save(name, bytes, isBetter) {
      await store.withLock(async () => {
        const stored = isBetter === undefined ? [] : await recollection.read(name);
        for (const other of stored) if (await isBetter?.(other)) return;
        await recollection.write(name, bytes, isDelegatedRole(name));
        if (isDelegatedRole(name)) await store.evict(isDelegatedRole, maxRoleBytes);
      }, options);
    },
  };
}

/** The same, but only the next file waits until one is written; `settled` waits for the last. @throws what `keep` threw */
export function writeBehind(cache: MetadataCache): {
  readonly cache: MetadataCache;
  readonly settled: () => Promise<void>;
} {
  let last = Promise.resolve();
  return {
    cache: {
      read: (name) => cache.read(name),
      async save(...file) {
        await last;
        last = cache.save(...file);
        // Whoever waits for it hears of it.
        last.catch(() => undefined);
      },
    },
    settled: () => last,
  };
}

/** Their versions stand in the snapshot: one that is not here any more is fetched again, and cannot go back. */
function isDelegatedRole(file: string): boolean {
  return file.startsWith('role.') && file !== roleFile('targets');
}

/**
 * The file of a role. Role names come from outside: what could be another role's file, or no file at all on some system,
 * is kept under its hash.
 */
export function roleFile(role: string): string {
  const isPlain = /^[a-z0-9][a-z0-9_-]{0,63}$/.test(role);
  return isPlain ? `role.${role}.json` : `role.${createHash('sha256').update(role).digest('hex')}.hashed.json`;
}
