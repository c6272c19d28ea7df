import { createHash } from 'node:crypto';

import type { TrustOptions } from '../../../ports.ts';
import type { TrustStore } from '../../contract.ts';
import type { Recollection } from '../../write-through-store.ts';
import { maxRoleBytes } from '../metadata/limits.ts';

/** What was verified and seen before, from one refresh to the next. */
export interface Memory {
  read(name: string): Promise<readonly Uint8Array[]>;
  /** Keeps a file, unless another process has meanwhile kept one that `isBetter`. */
  keep(name: string, bytes: Uint8Array, isBetter?: (stored: Uint8Array) => Promise<boolean>): Promise<void>;
}

/** Locks only while it writes: two processes that check at once do not wait for each other's network. */
export function createMemory(store: TrustStore, recollection: Recollection, options?: TrustOptions): Memory {
  return {
    read: (name) => recollection.read(name),
    async keep(name, bytes, isBetter) {
      await store.exclusive(async () => {
        const stored = isBetter === undefined ? [] : await recollection.read(name);
        for (const other of stored) if (await isBetter?.(other)) return;
        await recollection.write(name, bytes, isDelegatedRole(name));
        if (isDelegatedRole(name)) await store.trim(isDelegatedRole, maxRoleBytes);
      }, options);
    },
  };
}

/** The same, but only the next file waits until one is written; `settled` waits for the last. @throws what `keep` threw */
export function keepAside(memory: Memory): { readonly memory: Memory; readonly settled: () => Promise<void> } {
  let last = Promise.resolve();
  return {
    memory: {
      read: (name) => memory.read(name),
      async keep(...file) {
        await last;
        last = memory.keep(...file);
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
