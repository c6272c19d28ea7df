import { createHash } from 'node:crypto';

/** The first 16 bytes of SHA-256, in hex, by which a chunk index identifies chunks. */
export function chunkDigest(bytes: Uint8Array): string {
  return sha256(bytes).slice(0, 32);
}

/** The first 8 bytes of SHA-256, in hex, by which a chunk index identifies frames. docs/formats.md explains why they suffice. */
export function frameDigest(bytes: Uint8Array): string {
  return sha256(bytes).slice(0, 16);
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
