import type { FileHandle } from 'node:fs/promises';

/** Writes all of `chunks` at offset `at`, even if the kernel takes fewer bytes per call. */
export async function writeFully(file: FileHandle, chunks: readonly Uint8Array[], at: number): Promise<void> {
  const total = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  let { bytesWritten: done } = await file.writev(chunks, at);
  if (done === total) return;
  const rest = Buffer.concat(chunks);
  while (done < total) done += (await file.write(rest, done, total - done, at + done)).bytesWritten;
}

/** Fills `buffer` from offset `at`. Throws if the file ends before that. */
export async function readFully(file: FileHandle, buffer: Uint8Array, at: number): Promise<void> {
  if ((await readUpTo(file, buffer, at)) < buffer.length) throw new Error('The file is shorter than it was.');
}

/**
 * Fills `buffer` from offset `at` as far as the file goes, even if the kernel returns fewer bytes per call. Returns the
 * number of bytes read.
 */
export async function readUpTo(file: FileHandle, buffer: Uint8Array, at: number): Promise<number> {
  let done = 0;
  while (done < buffer.length) {
    const { bytesRead } = await file.read(buffer, done, buffer.length - done, at + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return done;
}
