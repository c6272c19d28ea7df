import { createHash } from 'node:crypto';

/**
 * The gear table of the chunker: for each byte value `b`, the first four bytes, big-endian, of
 * `SHA-256("electron-tuf-updater gear <b>")`, with `b` in decimal.
 */
export const gear: Int32Array<ArrayBuffer> = Int32Array.from({ length: 256 }, (_, byte) =>
  createHash('sha256').update(`electron-tuf-updater gear ${byte}`).digest().readInt32BE(0),
);
