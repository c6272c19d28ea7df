import { copyFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';

/** A Node module that an older Electron lacks, and its replacement. For tests only: it is never shipped. */
export interface Shim {
  readonly module: string;
  /** The file in this directory. CommonJS, so that both kinds of bundles can load it. */
  readonly file: string;
}

/** `node:sqlite` exists since Node 22.5 and Electron 36. */
export function shimsFor(version: string): readonly Shim[] {
  return Number.parseInt(version, 10) < 36 ? [{ module: 'node:sqlite', file: 'sqlite-shim.cjs' }] : [];
}

/** Makes the built files below `directory` use the shims. Changes them in place. */
export async function applyShims(directory: string, shims: readonly Shim[]): Promise<void> {
  if (shims.length === 0) return;
  const names = await readdir(directory, { recursive: true });
  const scripts = names.filter((name) => /\.[cm]?js$/.test(name) && !shims.some(({ file }) => name.endsWith(file)));
  for (const { module, file } of shims) {
    let isUsed = false;
    for (const name of scripts) {
      const path = join(directory, name);
      const text = await readFile(path, 'utf8');
      const to = relative(dirname(path), join(directory, file)).replace(/^(?!\.)/, './');
      const changed = text.replaceAll(new RegExp(`(["'])${module}\\1`, 'g'), JSON.stringify(to));
      if (changed === text) continue;
      isUsed = true;
      await writeFile(path, changed);
    }
    if (isUsed) await copyFile(join(import.meta.dirname, file), join(directory, file));
  }
}
