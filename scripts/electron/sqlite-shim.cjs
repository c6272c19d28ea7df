// For tests in an Electron before 36, whose Node has no `node:sqlite`. Only what src/files/lock.ts uses of it: an exclusive
// transaction on an empty database. Like SQLite's lock, the kernel drops this one with its process: it is an abstract Unix
// socket, named after the device and inode of the file. It does not exclude a real SQLite: one file, one kind of runtime.
const { closeSync, fstatSync, openSync, readSync } = require('node:fs');
const { createServer } = require('node:net');

const busy = 5;
const notADatabase = 26;
const magic = 'SQLite format 3\0';

function sqliteError(errcode, message) {
  return Object.assign(new Error(message), { code: 'ERR_SQLITE_ERROR', errcode, errstr: message });
}

class DatabaseSync {
  #file;
  #socket;

  constructor(path) {
    this.#file = openSync(path, 'r+');
  }

  get isOpen() {
    return this.#file !== undefined;
  }

  exec(sql) {
    if (sql !== 'BEGIN EXCLUSIVE') throw new Error(`The shim for node:sqlite does not know ${sql}.`);
    const head = Buffer.alloc(magic.length);
    const length = readSync(this.#file, head, 0, head.length, 0);
    if (length > 0 && head.toString('latin1') !== magic) throw sqliteError(notADatabase, 'file is not a database');
    const { dev, ino } = fstatSync(this.#file, { bigint: true });
    const socket = createServer();
    socket.on('error', () => undefined);
    // Bound at once: whether the name was free is known when this returns.
    socket.listen(`\0sqlite-shim-${dev}-${ino}`);
    if (!socket.listening) throw sqliteError(busy, 'database is locked');
    socket.unref();
    this.#socket = socket;
  }

  close() {
    this.#socket?.close();
    if (this.#file !== undefined) closeSync(this.#file);
    this.#socket = undefined;
    this.#file = undefined;
  }
}

exports.DatabaseSync = DatabaseSync;
