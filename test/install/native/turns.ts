import { acquireLock, type Lock } from '../../../src/files/lock.ts';
import type { NativeKind } from '../../../src/shared/artifact-kinds.ts';

/** Milliseconds for which a test may wait for exclusive use of a package manager. */
export const turnMs = 180_000;

const held = new Map<NativeKind, { readonly lock: Lock; count: number }>();

/**
 * Waits for exclusive use of a package manager, because its database on this machine is real. The result ends the turn.
 */
export async function takeTurn(kind: NativeKind): Promise<() => void> {
  let turn = held.get(kind);
  if (turn === undefined) {
    const lock = await acquireLock(`/tmp/electron-tuf-test-${kind}.lock`, { waitMs: turnMs });
    if (lock === undefined) throw new Error(`Another test had ${kind} for too long.`);
    turn = { lock, count: 0 };
    held.set(kind, turn);
  }
  const own = turn;
  own.count += 1;
  return () => {
    own.count -= 1;
    if (own.count > 0) return;
    held.delete(kind);
    own.lock.release();
  };
}
