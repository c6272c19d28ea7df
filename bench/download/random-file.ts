import { createHash, randomFillSync } from 'node:crypto';
import { open } from 'node:fs/promises';

export interface RandomFile {
  readonly length: number;
  readonly sha256: string;
  readonly sha512: string;
}

export async function writeRandomFile(path: string, length: number): Promise<RandomFile> {
  const [sha256, sha512] = [createHash('sha256'), createHash('sha512')];
  const file = await open(path, 'w');
  const block = Buffer.alloc(1_000_000);
  for (let at = 0; at < length; at += block.length) {
    const bytes = randomFillSync(block).subarray(0, Math.min(block.length, length - at));
    await file.write(bytes);
    sha256.update(bytes);
    sha512.update(bytes);
  }
  await file.close();
  return { length, sha256: sha256.digest('hex'), sha512: sha512.digest('hex') };
}
