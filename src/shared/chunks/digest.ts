import { createHash } from 'node:crypto';

/** The first 16 bytes of SHA-256, in hex: how a chunk index names chunks. */
export function chunkDigest(bytes: Uint8Array): string {
  return sha256(bytes).slice(0, 32);
}

/** The first 8 bytes of SHA-256, in hex: how a chunk index names frames. docs/formats.md says why they are enough. */
export function frameDigest(bytes: Uint8Array): string {
  return sha256(bytes).slice(0, 16);
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
