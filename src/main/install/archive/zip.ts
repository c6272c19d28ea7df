import { open, rm } from 'node:fs/promises';

import type { VerifiedFile } from '../../ports.ts';
import type { EntryKind } from './entry.ts';
import type { ArchiveWriter } from './writer.ts';

/** File types in the upper half of a Unix mode, stat(2). */
const typeBits = 0o170000;
const symlinkType = 0o120000;

/** A zip is read from its end, so it needs a file: a verified copy at `copy`, which is removed again. */
export async function unpackZip(file: VerifiedFile, copy: string, writer: ArchiveWriter): Promise<void> {
  const { fromFdPromise } = await import('yauzl');
  await rm(copy, { recursive: true, force: true });
  await file.copyTo(copy);
  const handle = await open(copy, 'r');
  try {
    const zip = await fromFdPromise(handle.fd, { autoClose: false, strictFileNames: true });
    for await (const entry of zip.eachEntry()) {
      const mode = entry.externalFileAttributes >>> 16;
      const kind: EntryKind = entry.fileName.endsWith('/')
        ? 'directory'
        : (mode & typeBits) === symlinkType
          ? 'symlink'
          : 'file';
      // Directories have no content, and streams are opened one by one.
      if (kind === 'directory') await writer.add(entry.fileName.slice(0, -1), kind, mode, nothing());
      else await writer.add(entry.fileName, kind, mode, await zip.openReadStreamPromise(entry));
    }
  } finally {
    await handle.close();
    await rm(copy, { force: true });
  }
}

async function* nothing(): AsyncGenerator<Uint8Array> {}
