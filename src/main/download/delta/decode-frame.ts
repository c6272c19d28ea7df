import { promisify } from 'node:util';
import { brotliDecompress } from 'node:zlib';

import { UpdateError } from '../../../shared/errors.ts';
import type { Chunk } from '../../../shared/chunks/chunk-index.ts';
import { chunkDigest, frameDigest } from '../../../shared/chunks/digest.ts';

const decompress = promisify(brotliDecompress);

/**
 * Decodes a frame of a pack into its chunk. The frame's digest is checked before the decompressor sees a byte. The
 * chunk's length limits the decompressor's output. The chunk's own digest is checked last.
 * @throws UpdateError `DOWNLOAD_MISMATCH` if any check fails; the caller fetches this frame from another mirror
 */
export async function decodeFrame(chunk: Chunk, frame: Uint8Array): Promise<Uint8Array> {
  if (frame.length !== chunk.frameLength || frameDigest(frame) !== chunk.frameDigest) throw mismatch();
  if (chunk.frameLength === chunk.rawLength) return checked(chunk, frame);
  const raw = await decompress(frame, { maxOutputLength: chunk.rawLength }).catch((error: unknown) => {
    throw mismatch(error);
  });
  return checked(chunk, raw);
}

function checked(chunk: Chunk, raw: Uint8Array): Uint8Array {
  if (raw.length !== chunk.rawLength || chunkDigest(raw) !== chunk.rawDigest) throw mismatch();
  return raw;
}

function mismatch(cause?: unknown): UpdateError {
  return new UpdateError(
    'DOWNLOAD_MISMATCH',
    'Part of the download does not match its signed digest. It is fetched again.',
    { cause },
  );
}
