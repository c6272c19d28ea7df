import { createHash } from 'node:crypto';

import type { TrustOptions } from '../../../ports.ts';
import type { TrustStore } from '../../contract.ts';
import type { WriteThroughStore } from '../../write-through-store.ts';
import { maxRoleBytes } from '../metadata/limits.ts';

/** Verified files, from one refresh to the next. */
export interface MetadataCache {
  read(name: string): Promise<readonly Uint8Array[]>;
  /** Saves a file, unless another process has meanwhile saved one that `isBetter`. */
  save(name: string, bytes: Uint8Array, isBetter?: (stored: Uint8Array) => Promise<boolean>): Promise<void>;
}

/** Locks only while it writes, so that two processes that check at once do not wait for each other's network. */
export function createMetadataCache(
  store: TrustStore,
  writeThrough: WriteThroughStore,
  options?: TrustOptions,
): MetadataCache {
  return {
    read: (name) => writeThrough.read(name),
    async save(name, bytes, isBetter) {
      await store.withLock(async () => {
        const stored = isBetter === undefined ? [] : await writeThrough.read(name);
        for (const copy of stored) if (await isBetter?.(copy)) return;
        await writeThrough.write(name, bytes, isDelegatedRole(name));
        if (isDelegatedRole(name)) await store.evict(isDelegatedRole, maxRoleBytes);
      }, options);
    },
  };
}

/**
 * Writes in the background: only the next file waits until the last one is written. `settled` waits for the last write.
 * @throws any error of `save`
 */
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
        // The caller that awaits it receives the error.
        last.catch(() => undefined);
      },
    },
    settled: () => last,
  };
}

/**
 * The snapshot lists the versions of delegated roles. So a role that was evicted is fetched again and cannot roll back.
 */
function isDelegatedRole(file: string): boolean {
  return file.startsWith('role.') && file !== roleFile('targets');
}

/**
 * The file name of a role. Role names come from outside. A name that could collide with another role's file, or that
 * some system does not allow, is replaced by its hash.
 */
export function roleFile(role: string): string {
  const isPlain = /^[a-z0-9][a-z0-9_-]{0,63}$/.test(role);
  return isPlain ? `role.${role}.json` : `role.${createHash('sha256').update(role).digest('hex')}.hashed.json`;
}
