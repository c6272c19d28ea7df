import { UpdateError } from '../errors.ts';
import type { ChunkSizes } from './chunker.ts';

/** One chunk of an artifact. Its offsets follow from the chunks before it. */
export interface Chunk {
  /** Length of the chunk in the artifact, in bytes. */
  readonly rawLength: number;
  /** Length of its frame in the pack, in bytes. */
  readonly frameLength: number;
  /** The first 16 bytes of the chunk's SHA-256, in hex. Finds the chunk in a seed, and is checked after decompressing. */
  readonly rawDigest: string;
  /** The first 8 bytes of the frame's SHA-256, in hex. Checked BEFORE decompressing. */
  readonly frameDigest: string;
}

/** The chunks of an artifact and their frames in the pack. docs/formats.md describes the bytes. */
export interface ChunkIndex {
  readonly sizes: ChunkSizes;
  readonly artifact: { readonly length: number; readonly sha256: string };
  readonly pack: { readonly length: number; readonly sha256: string };
  readonly chunks: readonly Chunk[];
}

const magic = 0x45_54_55_43; // "ETUC"
const version = 1;
/** SHA-256, truncated to 16 bytes for chunks and to 8 bytes for frames. */
const hashId = 1;
/** Brotli. A frame that is as long as its chunk is uncompressed. */
const codecId = 1;
const headerBytes = 104;
const rowBytes = 30;
/** Bytes by which a frame may be longer than its chunk, if the data does not compress. */
const maxFrameOverhead = 64;
/** Artifacts of 4 GiB with a minimum chunk size of 4 KiB stay below this. Larger artifacts need larger chunks. */
const maxChunks = 1_048_576;
/** Lengths of chunks and frames have three bytes. */
const maxChunkBytes = 0xff_ff_ff - maxFrameOverhead;

export function encodeChunkIndex(index: ChunkIndex): Uint8Array {
  const bytes = Buffer.alloc(headerBytes + index.chunks.length * rowBytes);
  bytes.writeUInt32BE(magic, 0);
  bytes.set([version, hashId, codecId, 0], 4);
  bytes.writeUInt32BE(index.sizes.min, 8);
  bytes.writeUInt32BE(index.sizes.average, 12);
  bytes.writeUInt32BE(index.sizes.max, 16);
  bytes.writeUInt32BE(index.chunks.length, 20);
  bytes.writeBigUInt64BE(BigInt(index.artifact.length), 24);
  bytes.write(index.artifact.sha256, 32, 'hex');
  bytes.writeBigUInt64BE(BigInt(index.pack.length), 64);
  bytes.write(index.pack.sha256, 72, 'hex');
  index.chunks.forEach((chunk, row) => {
    const at = headerBytes + row * rowBytes;
    bytes.writeUIntBE(chunk.rawLength, at, 3);
    bytes.writeUIntBE(chunk.frameLength, at + 3, 3);
    bytes.write(chunk.frameDigest, at + 6, 'hex');
    bytes.write(chunk.rawDigest, at + 14, 'hex');
  });
  return bytes;
}

/**
 * Parses a chunk index. Checks the limits of lengths before allocating anything. The sums must match the lengths of the
 * artifact and the pack.
 * @throws UpdateError `DOWNLOAD_INDEX_INVALID`
 */
export function parseChunkIndex(data: Uint8Array): ChunkIndex {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  expect(bytes.length >= headerBytes, 'it is too short');
  expect(bytes.readUInt32BE(0) === magic, 'it is no chunk index');
  expect(bytes[4] === version && bytes[5] === hashId && bytes[6] === codecId && bytes[7] === 0, 'it needs a newer app');
  const count = bytes.readUInt32BE(20);
  expect(count <= maxChunks && bytes.length === headerBytes + count * rowBytes, 'its length does not fit its count');
  const index: ChunkIndex = {
    sizes: parseSizes(bytes),
    artifact: { length: readLength(bytes, 24), sha256: bytes.toString('hex', 32, 64) },
    pack: { length: readLength(bytes, 64), sha256: bytes.toString('hex', 72, 104) },
    chunks: Array.from({ length: count }, (_, row) => parseRow(bytes, headerBytes + row * rowBytes)),
  };
  expectSums(index);
  return index;
}

function parseSizes(bytes: Buffer): ChunkSizes {
  const sizes = { min: bytes.readUInt32BE(8), average: bytes.readUInt32BE(12), max: bytes.readUInt32BE(16) };
  const ordered = 64 <= sizes.min && sizes.min <= sizes.average && sizes.average <= sizes.max;
  expect(ordered && sizes.max <= maxChunkBytes && Number.isInteger(Math.log2(sizes.average)), 'its sizes are wrong');
  return sizes;
}

function parseRow(bytes: Buffer, at: number): Chunk {
  return {
    rawLength: bytes.readUIntBE(at, 3),
    frameLength: bytes.readUIntBE(at + 3, 3),
    frameDigest: bytes.toString('hex', at + 6, at + 14),
    rawDigest: bytes.toString('hex', at + 14, at + 30),
  };
}

function expectSums(index: ChunkIndex): void {
  let raw = 0;
  let frames = 0;
  index.chunks.forEach((chunk, row) => {
    const shortest = row === index.chunks.length - 1 ? 1 : index.sizes.min;
    expect(chunk.rawLength >= shortest && chunk.rawLength <= index.sizes.max, `chunk ${row} has a wrong length`);
    const longest = chunk.rawLength + maxFrameOverhead;
    expect(chunk.frameLength > 0 && chunk.frameLength <= longest, `frame ${row} has a wrong length`);
    raw += chunk.rawLength;
    frames += chunk.frameLength;
  });
  expect(raw === index.artifact.length, 'its chunks do not add up to the artifact');
  expect(frames === index.pack.length, 'its frames do not add up to the pack');
}

function readLength(bytes: Buffer, at: number): number {
  const length = bytes.readBigUInt64BE(at);
  expect(length <= BigInt(Number.MAX_SAFE_INTEGER), 'a length is too large');
  return Number(length);
}

function expect(condition: boolean, what: string): asserts condition {
  if (!condition) {
    throw new UpdateError(
      'DOWNLOAD_INDEX_INVALID',
      `The chunk index cannot be used: ${what}. The whole file is downloaded instead.`,
    );
  }
}
