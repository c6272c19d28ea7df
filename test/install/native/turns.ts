import { acquireLock, type Lock } from '../../../src/files/lock.ts';
import type { NativeKind } from '../../../src/shared/artifact-kinds.ts';

/** Milliseconds that a test may wait until it has a package manager for itself. */
export const turnMs = 180_000;

const held = new Map<NativeKind, { readonly lock: Lock; count: number }>();

/** The databases of this machine are real: one process at a time works with each of them. The result ends the turn. */
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
