import { constants, lstatSync, rmSync, type Stats, statSync } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';

import { systemCode } from '../shared/errors.ts';

/**
 * SQLite result codes: another holder has the lock; the disk is full (some file systems need a page); the file is not a
 * database.
 */
const sqliteBusy = 5;
const sqliteFull = 13;
const sqliteNotADatabase = 26;

export interface Lock {
  /** Throws if the lock is no longer held. Call it before each rename that the lock protects. */
  assertHeld(): void;
  release(): void;
  /** Releases the lock and removes its file. For locks of things that are removed too. */
  remove(): void;
}

export interface LockOptions {
  /** Milliseconds to wait for another holder. 0 tries once. @defaultValue 30000 */
  readonly waitMs?: number;
  readonly signal?: AbortSignal;
}

/**
 * Takes an exclusive lock across processes. The lock is an exclusive SQLite transaction on an empty database. So the
 * kernel releases it when its holder dies, on every platform, and it works on a full disk. A holder notices if its lock
 * file is deleted or replaced. A damaged lock file cannot be held, so a new one replaces it. Resolves with `undefined`
 * if the lock was not free in time. SQLite does what it finds in a journal beside its database, and older
 * versions delete any file that a journal names. So locks belong in directories where no other user can write, and
 * `acquireLock` refuses a lock file or a journal that is not this user's own.
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

/** Can locks be taken here at all? Node before 22.5 and Electron before 36 have no `node:sqlite`. */
export async function canLock(): Promise<boolean> {
  try {
    await import('node:sqlite');
    return true;
  } catch (error) {
    if (systemCode(error) === 'ERR_UNKNOWN_BUILTIN_MODULE') return false;
    throw error;
  }
}

async function tryLock(Database: typeof DatabaseSync, path: string): Promise<Lock | undefined> {
  await assertOwn(path);
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

/** Makes the lock file where there is none. @throws Error `EACCES` for what another user may have put there */
async function assertOwn(path: string): Promise<void> {
  for (const name of ['-journal', '-wal', '-shm'].map((suffix) => `${path}${suffix}`)) {
    const facts = lstatSync(name, { throwIfNoEntry: false });
    if (facts !== undefined && !isOwn(facts)) throw notOurs(name);
  }
  const file = await open(path, constants.O_WRONLY | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0), 0o600).catch(
    (error: unknown) => {
      throw systemCode(error) === 'ELOOP' ? notOurs(path) : error;
    },
  );
  try {
    if (!isOwn(await file.stat())) throw notOurs(path);
  } finally {
    await file.close();
  }
}

/** Windows has no such owners. There the directory's permissions protect the file. */
function isOwn(facts: Stats): boolean {
  const isOurs = process.geteuid === undefined || (facts.uid === process.geteuid() && (facts.mode & 0o022) === 0);
  return facts.isFile() && facts.nlink <= 1 && isOurs;
}

function notOurs(path: string): Error {
  const message = `${path} is no lock file of this user's own. Remove it, or use a folder in which no other user can write`;
  return Object.assign(new Error(message), { code: 'EACCES' });
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
      // Windows cannot remove an open file. There, a lock file that another process took in the meantime stays.
      const isWindows = process.platform === 'win32';
      try {
        if (isWindows) release();
        rmSync(path, { force: true });
      } catch (error) {
        if (!isWindows) throw error;
      } finally {
        // Removed while held. The next holder notices that the file is gone and creates a new one.
        release();
      }
    },
  };
}

function inodeOf(path: string): bigint | undefined {
  return statSync(path, { bigint: true, throwIfNoEntry: false })?.ino;
}
