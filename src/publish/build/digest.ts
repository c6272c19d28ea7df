import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/** What a file's bytes are. */
export interface FileDigest {
  /** Bytes. */
  readonly length: number;
  /** Lower-case hex. */
  readonly sha256: string;
  /** Lower-case hex. */
  readonly sha512: string;
}

/** Hashes a file in one streamed pass; memory stays flat. */
export async function digestFile(path: string, onBytes?: (count: number) => void): Promise<FileDigest> {
  const sha256 = createHash('sha256');
  const sha512 = createHash('sha512');
  let length = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 }) as AsyncIterable<Uint8Array>) {
    sha256.update(chunk);
    sha512.update(chunk);
    length += chunk.length;
    onBytes?.(chunk.length);
  }
  return { length, sha256: sha256.digest('hex'), sha512: sha512.digest('hex') };
}

export function digestBytes(bytes: Uint8Array): FileDigest {
  return {
    length: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    sha512: createHash('sha512').update(bytes).digest('hex'),
  };
}
