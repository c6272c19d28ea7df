import { dirname, join } from 'node:path';

import { plainFs } from '../../../files/plain-fs.ts';
import { syncDirectory } from '../../../files/write-atomic.ts';
import { systemCode, UpdateError } from '../../../shared/errors.ts';
import { type Entry, type EntryKind, validateEntry, validateLink, refused } from './entry.ts';

/** More entries than any app has. */
const maxEntries = 100_000;
/** Highest accepted ratio of unpacked to packed bytes. */
const maxRatio = 100;
/** Unpacked bytes that are allowed in addition, so that small archives may compress better. */
const allowanceBytes = 64 * 1024 * 1024;
const maxBytes = 8 * 1024 * 1024 * 1024;

/** How many bytes an archive of this length may unpack to. */
export function byteLimit(archiveBytes: number): number {
  return Math.min(maxBytes, allowanceBytes + maxRatio * archiveBytes);
}

/** Writes the entries of an archive into a directory and syncs them. */
export interface ArchiveWriter {
  /** Only the permissions in `unixMode` are used. @throws UpdateError `INSTALL_FAILED` for an entry that is refused */
  add(path: string, kind: EntryKind, unixMode: number, content: AsyncIterable<Uint8Array>): Promise<void>;
  /** Creates the symbolic links and syncs all directories. */
  finish(): Promise<void>;
}

/**
 * `root` must be empty. Symbolic links are created last, so that no file can be written through one. Writes at most
 * `limit` bytes.
 */
export function createArchiveWriter(root: string, limit: number): ArchiveWriter {
  const directories = new Set([root]);
  const links: { readonly entry: Entry; readonly target: string }[] = [];
  let bytes = 0;
  let entries = 0;

  async function makeDirectory(names: readonly string[]): Promise<string> {
    const path = join(root, ...names);
    if (directories.has(path)) return path;
    const parent = await makeDirectory(names.slice(0, -1));
    await plainFs.mkdir(path, 0o755);
    directories.add(path).add(parent);
    return path;
  }

  async function* counted(content: AsyncIterable<Uint8Array>, path: string): AsyncGenerator<Uint8Array> {
    for await (const block of content) {
      bytes += block.length;
      if (bytes > limit) throw refused(path, `the archive becomes larger than ${limit} bytes`);
      yield block;
    }
  }

  async function writeFile({ names, mode }: Entry, content: AsyncIterable<Uint8Array>): Promise<void> {
    await makeDirectory(names.slice(0, -1));
    const file = await plainFs.open(join(root, ...names), 'wx', mode);
    try {
      for await (const block of content) await file.writeFile(block);
      // The umask may have taken bits from the mode.
      await file.chmod(mode);
      await file.sync();
    } finally {
      await file.close();
    }
  }

  return {
    async add(path, kind, unixMode, content) {
      entries += 1;
      if (entries > maxEntries) throw refused(path, `the archive holds more than ${maxEntries} entries`);
      const entry = validateEntry(path, kind, unixMode);
      try {
        if (kind === 'directory') await makeDirectory(entry.names);
        else if (entry.names.length === 0) throw refused(path, 'it has no name');
        else if (kind === 'file') await writeFile(entry, counted(content, path));
        else links.push({ entry, target: await readTarget(counted(content, path)) });
      } catch (error) {
        throw asDuplicate(error, path);
      }
    },

    async finish() {
      for (const { entry, target } of links) {
        validateLink(entry.names, target);
        const path = join(root, ...entry.names);
        await makeDirectory(entry.names.slice(0, -1));
        await plainFs.symlink(target, path).catch((error: unknown) => {
          throw asDuplicate(error, entry.names.join('/'));
        });
      }
      for (const path of directories) await syncDirectory(path);
      await syncDirectory(dirname(root));
    },
  };
}

function asDuplicate(error: unknown, path: string): unknown {
  if (error instanceof UpdateError || !['EEXIST', 'ENOTDIR', 'EISDIR'].includes(systemCode(error) ?? '')) return error;
  return refused(path, 'another entry has the same name');
}

async function readTarget(content: AsyncIterable<Uint8Array>): Promise<string> {
  const blocks: Uint8Array[] = [];
  for await (const block of content) blocks.push(Uint8Array.from(block));
  return Buffer.concat(blocks).toString('utf8');
}
