import { rmSync, statSync } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * SQLite's result codes for "somebody else holds the lock", for a disk without room (some file systems need a page), and
 * for a file that is no database.
 */
const sqliteBusy = 5;
const sqliteFull = 13;
const sqliteNotADatabase = 26;

export interface Lock {
  /** Throws when the lock is no longer held; call it before each rename that the lock protects. */
  assertHeld(): void;
  release(): void;
  /** Releases it and removes its file: for locks of things that go away. */
  remove(): void;
}

export interface LockOptions {
  /** Milliseconds to wait for another holder; 0 tries once. @defaultValue 30000 */
  readonly waitMs?: number;
  readonly signal?: AbortSignal;
}

/**
 * Takes an exclusive lock across processes. It is an exclusive SQLite transaction on an empty database, so the kernel
 * drops it when its holder dies, on every platform, and it works on a full disk. A holder notices when the lock file was
 * deleted or replaced under it. A damaged lock file, which nobody can hold, gives way to a new one. `undefined` when it was
 * not free in time.
 */
export async function acquireLock(path: string, options: LockOptions = {}): Promise<Lock | undefined> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const { DatabaseSync } = await import('node:sqlite');
  const deadline = performance.now() + (options.waitMs ?? 30_000);
  for (;;) {
    options.signal?.throwIfAborted();
    const lock = await tryLock(DatabaseSync, path);
    if (lock !== undefined) return lock;
    if (performance.now() >= deadline) return undefined;
    await delay(25, undefined, options.signal === undefined ? {} : { signal: options.signal });
  }
}

async function tryLock(Database: typeof DatabaseSync, path: string): Promise<Lock | undefined> {
  await (await open(path, 'a', 0o600)).close();
  const inode = inodeOf(path);
  const database = new Database(path, { timeout: 0 });
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    const code = typeof error === 'object' && error !== null && 'errcode' in error ? error.errcode : undefined;
    if (code === sqliteBusy) return undefined;
    if (code === sqliteFull)
      throw Object.assign(new Error('no space left for a lock', { cause: error }), { code: 'ENOSPC' });
    if (code !== sqliteNotADatabase || inode !== inodeOf(path)) throw error;
    rmSync(path, { force: true });
    return tryLock(Database, path);
  }
  if (inode !== undefined && inode === inodeOf(path)) return heldLock(database, path, inode);
  database.close();
  return undefined;
}

function heldLock(database: DatabaseSync, path: string, inode: bigint): Lock {
  const release = (): void => {
    if (database.isOpen) database.close();
  };
  return {
    assertHeld() {
      if (!database.isOpen || inodeOf(path) !== inode) throw new Error('The lock is no longer held.');
    },
    release,
    remove() {
      // Windows removes no file that is open; there, one that was taken by somebody else meanwhile simply stays.
      const isWindows = process.platform === 'win32';
      try {
        if (isWindows) release();
        rmSync(path, { force: true });
      } catch (error) {
        if (!isWindows) throw error;
      } finally {
        // Removed while it is held: whoever takes it next sees that its file is gone and makes a new one.
        release();
      }
    },
  };
}

function inodeOf(path: string): bigint | undefined {
  return statSync(path, { bigint: true, throwIfNoEntry: false })?.ino;
}
