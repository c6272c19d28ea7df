import { readdir, readlink } from 'node:fs/promises';
import { join, relative } from 'node:path';

import { hashFile } from '../../src/files/hash-file.ts';

/** @throws Error that names the first difference between the files and links of two directories */
export async function assertSameFiles(expected: string, actual: string): Promise<void> {
  const [wanted, found] = [await describeFiles(expected), await describeFiles(actual)];
  for (const path of new Set([...wanted.keys(), ...found.keys()])) {
    if (wanted.get(path) !== found.get(path)) throw new Error(`${join(actual, path)} differs from the published one.`);
  }
}

/** Each path with what it is. */
async function describeFiles(directory: string): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    files.set(
      relative(directory, path),
      entry.isDirectory() ? 'directory' : await describeFile(path, entry.isSymbolicLink()),
    );
  }
  return files;
}

async function describeFile(path: string, isLink: boolean): Promise<string> {
  return isLink ? `link to ${await readlink(path)}` : hashFile(path);
}
