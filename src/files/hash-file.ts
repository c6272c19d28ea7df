import { createHash } from 'node:crypto';

import { plainFs } from './plain-fs.ts';

/** Bytes between two turns of the event loop. */
const stepBytes = 512 * 1024;

/** SHA-256 of a file in lower-case hex, with one buffer and without blocking the event loop for long. */
export async function hashFile(path: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(stepBytes);
  const file = await plainFs.open(path);
  try {
    for (;;) {
      signal.throwIfAborted();
      const { bytesRead } = await file.read(buffer, 0, buffer.length);
      if (bytesRead === 0) return hash.digest('hex');
      hash.update(buffer.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
}
