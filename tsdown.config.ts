import { defineConfig, type UserConfig } from 'tsdown';

import { builtinsWithoutRequire, inlineCommonJs } from './scripts/build/inline-common-js.ts';

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

/**
 * The packages of Sigstore are bundled once, minified, into `dist/sigstore.mjs`. Whatever verifies imports that file when it
 * meets the first Sigstore signature.
 */
const sigstoreBundle = {
  name: 'sigstore-bundle',
  resolveId: (source: string) =>
    source.endsWith('/verify-bundle.ts') ? { id: './sigstore.mjs', external: true } : undefined,
};

/** What apps that are bundled could not load otherwise. */
const inlined = ['@tufjs/models', 'yauzl', 'pend'];

// Each entry is a bundle of its own: built together, the preload would gain a relative require, which a sandboxed
// preload refuses.
export default defineConfig([
  // These two share their code: an app that uses both has one updater and one class of errors.
  {
    ...shared,
    entry: { main: 'src/main/index.ts', compat: 'src/compat/index.ts' },
    format: ['esm', 'cjs'],
    outputOptions: { exports: 'named' },
    deps: { alwaysBundle: inlined.map((name) => new RegExp(`^${name}(/|$)`)) },
    plugins: [sigstoreBundle, inlineCommonJs(inlined)],
  },
  { ...shared, entry: { headless: 'src/main/headless.ts' }, plugins: [sigstoreBundle], format: ['esm', 'cjs'] },
  {
    ...shared,
    entry: { sigstore: 'src/main/trust/sigstore/verify-bundle.ts' },
    format: ['esm'],
    dts: false,
    minify: true,
    deps: { alwaysBundle: [/^@sigstore\//] },
    plugins: [builtinsWithoutRequire(['@sigstore'])],
    banner:
      '/*! Contains @sigstore/bundle, @sigstore/core, @sigstore/protobuf-specs and @sigstore/verify. Copyright The Sigstore Authors. Apache License 2.0: https://www.apache.org/licenses/LICENSE-2.0 */',
  },
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
    outputOptions: { codeSplitting: false },
  },
  { ...shared, entry: { 'patch-worker': 'src/publish/delta/patch/worker.ts' }, format: ['esm'], dts: false },
  {
    ...shared,
    entry: { 'electron-tuf': 'src/publish/bin.ts' },
    plugins: [sigstoreBundle],
    format: ['esm'],
    dts: false,
  },
]);
