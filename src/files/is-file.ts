import { stat } from 'node:fs/promises';

/** Is a file there, as far as this user may see? */
export async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isFile(),
    () => false,
  );
}
