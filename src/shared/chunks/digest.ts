import { createHash } from 'node:crypto';

/** The first 16 bytes of SHA-256, in hex: how a chunk index names chunks and frames. */
export function chunkDigest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 32);
}
