import { realpathSync } from 'node:fs';

type Environment = Readonly<Record<string, string | undefined>>;

/** Variables that name the place from which this program runs. */
const places = ['APPDIR', 'SNAP'];

/**
 * The environment with the places in it as the kernel names them. `process.execPath` has no symbolic link in it, and
 * `$APPDIR` has one where the folder of temporary files lies behind one: only real paths can be compared.
 */
export function realEnvironment(env: Environment): Environment {
  const real = places.flatMap((name) => {
    const path = env[name];
    return path === undefined || path === '' ? [] : [[name, realPath(path)] as const];
  });
  return real.length === 0 ? env : { ...env, ...Object.fromEntries(real) };
}

/** What does not exist is compared as it stands. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
