import { textOf } from './errors.ts';

const byteOrderMark = '\uFEFF';

/**
 * Parses a file that a person may have written. Some editors and PowerShell 5 put a byte order mark before the text. The error
 * does not quote the text, which may contain a password in an address. @throws SyntaxError
 */
export function parseJsonText(text: string): unknown {
  try {
    return JSON.parse(text.startsWith(byteOrderMark) ? text.slice(1) : text);
  } catch (error) {
    throw new SyntaxError(textOf(error).replace(/(?:^|, )(?:\.\.\.)?".*is not valid JSON$/s, '') || 'not valid JSON');
  }
}

/** The bytes after the byte order mark of UTF-8, if there is one. */
export function withoutByteOrderMark<Bytes extends Uint8Array>(bytes: Bytes): Bytes {
  const isMarked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  return isMarked ? (bytes.subarray(3) as Bytes) : bytes;
}
