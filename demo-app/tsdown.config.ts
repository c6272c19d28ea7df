import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { defineConfig, type UserConfig } from 'tsdown';

/** Bundles the main process, the preload script and the page of the demo app separately. */
const demo = import.meta.dirname;
const renderer = join(demo, 'renderer');

const shared = {
  outDir: join(demo, 'dist'),
  deps: { alwaysBundle: [/./], neverBundle: ['electron'], onlyBundle: false },
  dts: false,
  sourcemap: false,
  clean: false,
  hash: false,
  fixedExtension: false,
} satisfies UserConfig;

/** The Latin subsets of the variable fonts, by their file names in the app. */
const fonts = {
  'inter.woff2': import.meta.resolve('@fontsource-variable/inter/files/inter-latin-wght-normal.woff2'),
  'newsreader.woff2': import.meta.resolve('@fontsource-variable/newsreader/files/newsreader-latin-wght-normal.woff2'),
};

export default defineConfig([
  { ...shared, entry: { main: join(demo, 'main/main.ts') }, format: 'esm', platform: 'node', target: 'node22' },
  { ...shared, entry: { preload: join(demo, 'preload.ts') }, format: 'cjs', outExtensions: () => ({ js: '.cjs' }) },
  {
    ...shared,
    entry: { 'renderer/app': join(renderer, 'app.ts') },
    format: 'iife',
    platform: 'browser',
    target: 'chrome140',
    tsconfig: join(renderer, 'tsconfig.json'),
    outputOptions: { entryFileNames: '[name].js' },
    copy: ({ outDir }) => [
      { from: join(renderer, 'index.html'), to: join(outDir, 'renderer') },
      { from: join(demo, 'build/icon.svg'), to: join(outDir, 'renderer') },
      { from: join(renderer, 'styles/*.css'), to: join(outDir, 'renderer/styles') },
      ...Object.entries(fonts).map(([rename, url]) => ({
        from: fileURLToPath(url),
        rename,
        to: join(outDir, 'renderer/fonts'),
      })),
    ],
  },
]);
