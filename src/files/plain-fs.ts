import type { promises } from 'node:fs';

type FileSystem = typeof promises;

/**
 * `node:fs/promises` as Node has it. Electron's takes each path with `.asar` in it for an archive that exists already:
 * it looks inside, copies it out to open it, and refuses to create one. Its `original-fs` does not. Use this for the
 * files of apps: archives that are unpacked, installed trees, seeds.
 * @see https://www.electronjs.org/docs/latest/tutorial/asar-archives#treating-an-asar-archive-as-a-normal-file
 */
export const plainFs: FileSystem = originalFs() ?? process.getBuiltinModule('node:fs/promises');

function originalFs(): FileSystem | undefined {
  const found: { readonly promises?: FileSystem } | undefined = process.getBuiltinModule('original-fs');
  return found?.promises;
}
