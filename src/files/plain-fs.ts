import type { promises } from 'node:fs';

type FileSystem = typeof promises;

/**
 * `node:fs/promises` as Node provides it. Electron's version treats each path with `.asar` in it as an existing
 * archive: it looks inside, copies the archive to open it, and refuses to create one. Electron's `original-fs` does
 * not. Use this for the files of apps: unpacked archives, installed trees, seeds.
 * @see https://www.electronjs.org/docs/latest/tutorial/asar-archives#treating-an-asar-archive-as-a-normal-file
 */
export const plainFs: FileSystem = originalFs() ?? process.getBuiltinModule('node:fs/promises');

function originalFs(): FileSystem | undefined {
  const found: { readonly promises?: FileSystem } | undefined = process.getBuiltinModule('original-fs');
  return found?.promises;
}
