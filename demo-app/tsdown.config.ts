import { join } from 'node:path';

import { defineConfig, type UserConfig } from 'tsdown';

const demo = import.meta.dirname;

const shared = {
  outDir: join(demo, 'dist'),
  deps: { alwaysBundle: [/./], neverBundle: ['electron'], onlyBundle: false },
  dts: false,
  sourcemap: false,
  clean: false,
  hash: false,
  fixedExtension: false,
} satisfies UserConfig;

export default defineConfig([
  { ...shared, entry: { main: join(demo, 'main/main.ts') }, format: 'esm', platform: 'node', target: 'node22' },
]);
