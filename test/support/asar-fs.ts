import promises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

/**
 * Does to `node:fs/promises` what Electron does (its `lib/node/asar-fs-wrapper.ts`), as far as whole archives go: a path
 * that ends in `.asar` is opened only if it is an archive already, and seen as a directory. `original-fs` is not touched.
 * Import it before anything that uses files. A stand-in: Electron itself did not run.
 */
const original = { ...promises };
const getBuiltinModule = process.getBuiltinModule.bind(process);

for (const method of ['open', 'readFile', 'copyFile', 'lstat', 'stat', 'readdir', 'rm'] as const) {
  const plain = original[method] as (path: string, ...rest: unknown[]) => Promise<unknown>;
  Object.assign(promises, {
    [method]: async (path: string, ...rest: unknown[]) => {
      if (path.endsWith('.asar')) throw new Error(`Invalid package ${path}`);
      return plain(path, ...rest);
    },
  });
}
syncBuiltinESMExports();
Object.assign(process, {
  getBuiltinModule: (id: string) => (id === 'original-fs' ? { promises: original } : getBuiltinModule(id)),
});
