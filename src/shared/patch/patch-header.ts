import { UpdateError } from '../errors.ts';

/** The base or the result of a patch. */
export interface PatchFile {
  /** Bytes. */
  readonly length: number;
  /** Lower-case hex. */
  readonly sha256: string;
}

/** The header before the three compressed sections of a patch. docs/formats.md describes the bytes. */
export interface PatchHeader {
  readonly base: PatchFile;
  readonly result: PatchFile;
  /** Compressed bytes of the control, difference and extra sections, which follow in this order. */
  readonly sections: readonly [control: number, difference: number, extra: number];
}

/** Bytes of a header. */
export const patchHeaderBytes = 112;

const magic = 0x45_54_55_50; // "ETUP"
const version = 1;
/** Brotli. */
const codecId = 1;
const baseAt = 8;
const resultAt = 48;
const sectionsAt = 88;

export function encodePatchHeader(header: PatchHeader): Uint8Array {
  const bytes = Buffer.alloc(patchHeaderBytes);
  bytes.writeUInt32BE(magic, 0);
  bytes.set([version, codecId, 0, 0], 4);
  writeFile(bytes, baseAt, header.base);
  writeFile(bytes, resultAt, header.result);
  header.sections.forEach((length, index) => bytes.writeBigUInt64BE(BigInt(length), sectionsAt + 8 * index));
  return bytes;
}

/**
 * Parses the header of a patch that is `patchLength` bytes long.
 * @throws UpdateError `DOWNLOAD_PATCH_INVALID`
 */
export function parsePatchHeader(data: Uint8Array, patchLength: number): PatchHeader {
  if (data.byteLength < patchHeaderBytes) throw patchInvalid('it is too short');
  const bytes = Buffer.from(data.buffer, data.byteOffset, patchHeaderBytes);
  if (bytes.readUInt32BE(0) !== magic) throw patchInvalid('it is no patch');
  if (bytes.readUInt32BE(4) !== ((version << 24) | (codecId << 16))) throw patchInvalid('it needs a newer app');
  const sections = [0, 1, 2].map((index) => readLength(bytes, sectionsAt + 8 * index)) as [number, number, number];
  if (sections.includes(0)) throw patchInvalid('a section is empty');
  if (sections[0] + sections[1] + sections[2] + patchHeaderBytes !== patchLength) {
    throw patchInvalid('its sections do not add up to its length');
  }
  return { base: readFile(bytes, baseAt), result: readFile(bytes, resultAt), sections };
}

/** The error of an unusable patch. The client then falls back to chunks or the whole file. */
export function patchInvalid(what: string, cause?: unknown): UpdateError {
  const message = `The patch cannot be used: ${what}. Another way is taken instead.`;
  return new UpdateError('DOWNLOAD_PATCH_INVALID', message, { cause });
}

function writeFile(bytes: Buffer, at: number, file: PatchFile): void {
  bytes.writeBigUInt64BE(BigInt(file.length), at);
  bytes.write(file.sha256, at + 8, 'hex');
}

function readFile(bytes: Buffer, at: number): PatchFile {
  return { length: readLength(bytes, at), sha256: bytes.toString('hex', at + 8, at + 40) };
}

function readLength(bytes: Buffer, at: number): number {
  const length = bytes.readBigUInt64BE(at);
  if (length > BigInt(Number.MAX_SAFE_INTEGER)) throw patchInvalid('a length is too large');
  return Number(length);
}
