import { access } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';

/** The directory of the npm project that contains a path; `undefined` outside of a project. */
async function projectAround(path: string): Promise<string | undefined> {
  for (let directory = dirname(resolve(path)); ; directory = dirname(directory)) {
    if (await isThere(join(directory, 'package.json'))) return directory;
    if (directory === dirname(directory)) return undefined;
  }
}

/**
 * A warning if a secret file lies inside an npm project, because electron-builder packs everything there, private keys
 * included. `undefined` otherwise.
 */
export async function packedByMistake(path: string): Promise<string | undefined> {
  const project = await projectAround(path);
  if (project === undefined) return undefined;
  const name = relative(project, resolve(path));
  return `${name} lies in your project, and electron-builder would pack it. Keep it outside, or exclude it: "files": ["**/*", "!${name}"].`;
}

async function isThere(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}
