import type { FileHandle } from 'node:fs/promises';

/** A regular file inside a tar archive. */
export interface TarEntry {
  readonly name: string;
  /** Byte offset of its content in the archive. */
  readonly offset: number;
  /** Bytes. */
  readonly length: number;
}

const block = 512;
/** The largest extended header that the reader accepts, in bytes. */
const maxExtended = 64 * 1024;
/** The most entries in one archive. */
const maxEntries = 10_000;

/**
 * Lists the regular files of an uncompressed tar archive (POSIX.1-2001, ustar with pax headers) without reading their
 * content. Ignores other entries.
 * @throws Error whose message says what is wrong with the archive
 */
export async function readTar(file: FileHandle): Promise<readonly TarEntry[]> {
  const { size } = await file.stat();
  const entries: TarEntry[] = [];
  let offset = 0;
  let longName: string | undefined;
  while (offset + block <= size) {
    const header = await readAt(file, offset, block);
    if (header.every((byte) => byte === 0)) return entries;
    const { name, length, type } = parseHeader(header);
    const content = offset + block;
    if (content + length > size) throw new Error('it ends in the middle of a file');
    if (type === 'x') {
      if (length > maxExtended) throw new Error('a header is too long');
      longName = paxPath(await readAt(file, content, length));
    } else {
      if (type === '0' || type === '\0') entries.push({ name: longName ?? name, offset: content, length });
      longName = undefined;
    }
    if (entries.length > maxEntries) throw new Error('it has too many files');
    offset = content + padded(length);
  }
  throw new Error('its end is missing');
}

/** The blocks before a file's content. A name that is too long for a plain header gets a pax header. Deterministic. */
export function tarHeader(name: string, length: number): Uint8Array {
  if (Buffer.byteLength(name) <= 100) return header(name, length, '0');
  const record = paxRecord('path', name);
  const extended = Buffer.alloc(padded(record.length));
  extended.set(record);
  return Buffer.concat([header('pax', record.length, 'x'), extended, header(name.slice(-100), length, '0')]);
}

/** The zero bytes after a file's content. */
export function tarPadding(length: number): Uint8Array {
  return new Uint8Array(padded(length) - length);
}

/** The two zero blocks at the end of an archive. */
export const tarEnd: Uint8Array = new Uint8Array(2 * block);

function padded(length: number): number {
  return Math.ceil(length / block) * block;
}

function header(name: string, length: number, type: string): Buffer {
  const bytes = Buffer.alloc(block);
  bytes.write(name, 0, 100);
  bytes.write('0000644\0', 100);
  bytes.write('0000000\0', 108);
  bytes.write('0000000\0', 116);
  bytes.write(`${length.toString(8).padStart(11, '0')}\0`, 124);
  bytes.write('00000000000\0', 136);
  bytes.write('        ', 148);
  bytes.write(type, 156);
  bytes.write('ustar\u{0}00', 257);
  bytes.write(`${sumOf(bytes).toString(8).padStart(6, '0')}\0 `, 148);
  return bytes;
}

function parseHeader(bytes: Buffer): { readonly name: string; readonly length: number; readonly type: string } {
  const sum = Number.parseInt(text(bytes, 148, 8), 8);
  const blank = Buffer.from(bytes).fill(0x20, 148, 156);
  if (sum !== sumOf(blank)) throw new Error('it is not a tar archive, or it is damaged');
  const length = Number.parseInt(text(bytes, 124, 12), 8);
  if (!Number.isSafeInteger(length) || length < 0) throw new Error('a length is not a number');
  const prefix = text(bytes, 345, 155);
  const name = text(bytes, 0, 100);
  return { name: prefix === '' ? name : `${prefix}/${name}`, length, type: String.fromCharCode(bytes[156] ?? 0) };
}

function sumOf(bytes: Buffer): number {
  return bytes.reduce((sum, byte) => sum + byte, 0);
}

function text(bytes: Buffer, start: number, length: number): string {
  const field = bytes.subarray(start, start + length);
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end === -1 ? length : end).trim();
}

/** `<length> path=<name>\n`, where the length includes its own digits. */
function paxRecord(key: string, value: string): Buffer {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest + String(rest).length;
  if (String(length).length > String(rest).length) length += 1;
  return Buffer.from(`${length} ${key}=${value}\n`);
}

function paxPath(bytes: Buffer): string | undefined {
  return /^\d+ path=([^\n]*)\n/m.exec(bytes.toString('utf8'))?.[1];
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await file.read(buffer, 0, length, position);
  if (bytesRead !== length) throw new Error('it is incomplete');
  return buffer;
}
