import { open as openFile, rm } from 'node:fs/promises';
import { crc32 } from 'node:zlib';

import type { Entry } from 'yauzl';

import type { VerifiedFile } from '../../ports.ts';
import { type EntryKind, refused } from './entry.ts';
import type { ArchiveWriter } from './writer.ts';

/** File types in a Unix mode (stat(2)). The type is 0 if the archive was not made on Unix. */
const typeBits = 0o170000;
const kinds: Readonly<Record<number, EntryKind>> = {
  0: 'file',
  [0o100000]: 'file',
  [0o040000]: 'directory',
  [0o120000]: 'symlink',
};

/**
 * Reads a zip. A zip must be read from its end, so this first writes a verified copy to `copy`, and removes it
 * afterwards.
 */
export async function unpackZip(file: VerifiedFile, copy: string, writer: ArchiveWriter): Promise<void> {
  const { fromFdPromise } = await import('yauzl');
  await rm(copy, { recursive: true, force: true });
  await file.copyTo(copy);
  const handle = await openFile(copy, 'r');
  try {
    const zip = await fromFdPromise(handle.fd, { autoClose: false, strictFileNames: true });
    for await (const entry of zip.eachEntry()) {
      const { fileName } = entry;
      const mode = entry.externalFileAttributes >>> 16;
      const type = mode & typeBits;
      const kind = fileName.endsWith('/') ? 'directory' : kinds[type];
      if (kind === undefined) throw refused(fileName, `it is of type ${type.toString(8)}`);
      // The stream is opened only when it is read, because the stream of a refused entry would stay open.
      const content = kind === 'directory' ? nothing() : checked(() => zip.openReadStreamPromise(entry), entry);
      await writer.add(fileName, kind, mode, content);
    }
  } finally {
    await handle.close();
    await rm(copy, { force: true });
  }
}

/** Checks the checksum. The library checks only lengths. */
async function* checked(
  open: () => Promise<AsyncIterable<Uint8Array>>,
  { fileName, crc32: expected }: Pick<Entry, 'fileName' | 'crc32'>,
): AsyncGenerator<Uint8Array> {
  let sum = 0;
  for await (const block of await open()) {
    sum = crc32(block, sum);
    yield block;
  }
  if (sum !== expected) throw refused(fileName, 'its checksum is wrong');
}

async function* nothing(): AsyncGenerator<Uint8Array> {}
