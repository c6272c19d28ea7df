import { build } from 'tsdown';

/**
 * Bundles the TypeScript main process of a test app into `directory` with everything except `electron`. Writes
 * `NAME.mjs`, or `NAME.cjs` for a preload script, which must be CommonJS in a sandbox.
 */
export async function bundleForElectron(
  entry: Readonly<Record<string, string>>,
  directory: string,
  format: 'esm' | 'cjs' = 'esm',
): Promise<void> {
  await build({
    config: false,
    logLevel: 'warn',
    entry: { ...entry },
    outDir: directory,
    format,
    platform: 'node',
    target: 'node22',
    outExtensions: () => ({ js: format === 'esm' ? '.mjs' : '.cjs' }),
    deps: { alwaysBundle: [/./], neverBundle: ['electron'], onlyBundle: false },
    dts: false,
    clean: false,
    inputOptions: { checks: { pluginTimings: false } },
  });
}
