import { stat } from 'node:fs/promises';

/** Whether `path` is a file that this user can see. */
export async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isFile(),
    () => false,
  );
}
