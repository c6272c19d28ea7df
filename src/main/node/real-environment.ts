import { realpathSync } from 'node:fs';

type Environment = Readonly<Record<string, string | undefined>>;

/** Variables that name the directory from which this program runs. */
const places = ['APPDIR', 'SNAP'];

/**
 * The environment with real paths in those variables. `process.execPath` contains no symbolic link, but `$APPDIR` does
 * if the directory of temporary files is behind one. Only real paths can be compared.
 */
export function realEnvironment(env: Environment): Environment {
  const real = places.flatMap((name) => {
    const path = env[name];
    return path === undefined || path === '' ? [] : [[name, realPath(path)] as const];
  });
  return real.length === 0 ? env : { ...env, ...Object.fromEntries(real) };
}

/** A path that does not exist is compared as it is. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
