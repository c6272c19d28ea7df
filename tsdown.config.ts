import { defineConfig, type UserConfig } from 'tsdown';

const shared = {
  outDir: 'dist',
  platform: 'node',
  target: 'node22',
  dts: true,
  sourcemap: false,
  clean: false,
  tsconfig: 'tsconfig.src.json',
  // Says on a busy machine that the build takes time.
  inputOptions: { checks: { pluginTimings: false } },
} satisfies UserConfig;

// Each entry is a bundle of its own: built together, the preload would gain a relative require, which a sandboxed
// preload refuses.
export default defineConfig([
  // These two share their code: an app that uses both has one updater and one class of errors.
  {
    ...shared,
    entry: { main: 'src/main/index.ts', compat: 'src/compat/index.ts' },
    format: ['esm', 'cjs'],
    outputOptions: { exports: 'named' },
  },
  { ...shared, entry: { headless: 'src/main/headless.ts' }, format: ['esm', 'cjs'] },
  { ...shared, entry: { preload: 'src/preload/index.ts' }, format: ['esm', 'cjs'] },
  { ...shared, entry: { 'preload-auto': 'src/preload/auto.ts' }, format: ['cjs'], minify: true },
  { ...shared, entry: { page: 'src/page/index.ts' }, format: ['esm', 'cjs'] },
  {
    ...shared,
    entry: { builder: 'src/builder/index.ts' },
    format: ['esm', 'cjs'],
    outputOptions: { exports: 'named' },
  },
  // Packages carry it as one file: root runs nothing that lies elsewhere.
  {
    ...shared,
    entry: { 'root-helper': 'src/root-helper/index.ts' },
    format: ['esm'],
    dts: false,
    deps: { alwaysBundle: [/.*/] },
  },
  { ...shared, entry: { 'patch-worker': 'src/publish/delta/patch/worker.ts' }, format: ['esm'], dts: false },
  { ...shared, entry: { 'electron-tuf': 'src/publish/bin.ts' }, format: ['esm'], dts: false },
]);
