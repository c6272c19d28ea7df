import { readFile } from 'node:fs/promises';

import { systemCode } from '../shared/errors.ts';

/** Reads a file, or returns `undefined` if there is none. @throws the system's error for any other reason */
export async function readFileIfExists(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
