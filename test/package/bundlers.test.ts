// @module-tag slow
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Updater } from '../../src/main/index.ts';
import type { UpdateState } from '../../src/shared/state.ts';
import { type CliWorld, createCliWorld } from '../publish/cli-world.ts';
import { electronName, windows } from '../support/electron.ts';
import { startTestApp } from '../support/electron-app.ts';
import { requires } from '../support/requires.ts';

declare const updater: Updater;

const root = resolve(import.meta.dirname, '../..');
const program = (name: string): string => join(root, 'node_modules/.bin', name);

type Format = 'esm' | 'cjs';

/** The main file of a bundle that a bundler writes to `dist`, from `main.mjs` in the same directory. */
const bundlers: Readonly<Record<string, (directory: string, format: Format) => Promise<string>>> = {
  async esbuild(directory, format) {
    const file = format === 'esm' ? 'main.mjs' : 'main.cjs';
    const options = ['--bundle', '--platform=node', `--format=${format}`, '--external:electron'];
    await run(directory, program('esbuild'), 'main.mjs', ...options, `--outfile=dist/${file}`);
    return file;
  },
  async vite(directory, format) {
    const file = format === 'esm' ? 'main.mjs' : 'main.cjs';
    const output = { format, entryFileNames: file, codeSplitting: false };
    const config = {
      ssr: { noExternal: true, external: ['electron'] },
      build: { ssr: 'main.mjs', outDir: 'dist', rolldownOptions: { external: ['electron'], output } },
    };
    await writeFile(join(directory, 'vite.config.mjs'), `export default ${JSON.stringify(config)};\n`);
    await run(directory, program('vite'), 'build');
    return file;
  },
};

async function run(cwd: string, file: string, ...args: readonly string[]): Promise<void> {
  await promisify(execFile)(file, [...args], { cwd }).catch(
    ({ stdout, stderr }: { readonly stdout: string; readonly stderr: string }) =>
      Promise.reject(new Error(stdout + stderr)),
  );
}

/** A main process in one file, as bundlers leave it with their defaults and nothing but `electron` outside. */
describe(`an app that is bundled, in ${electronName}`, requires(windows), () => {
  let world: CliWorld;

  beforeAll(async () => {
    world = await createCliWorld();
    const { code, stderr } = await world.run(...world.publishArgs(await world.build('1.1.0')));
    if (code !== 0) throw new Error(stderr);
  });
  afterAll(async () => world[Symbol.asyncDispose]());

  const formats = ['esm', 'cjs'] as const;
  it.each(Object.keys(bundlers).flatMap((name) => formats.map((format) => [name, format] as const)))(
    'checks for updates: %s, %s',
    async (name, format) => {
      const directory = await mkdtemp(join(tmpdir(), 'bundled-'));
      try {
        await mkdir(join(directory, 'node_modules'));
        await symlink(root, join(directory, 'node_modules/electron-tuf-updater'));
        await writeFile(
          join(directory, 'main.mjs'),
          `import { createUpdater } from 'electron-tuf-updater/main';
           globalThis.updater = createUpdater({ healthyAfterSeconds: 'manual' });\n`,
        );
        const file = await bundlers[name]?.(directory, format);
        const text = await readFile(join(directory, 'dist', file ?? ''), 'utf8');
        expect(await stateAfterCheck(join(directory, 'dist'), file ?? '')).toMatchObject({
          type: 'available',
          release: { version: '1.1.0' },
        });
        // undici, which Electron apps do not need, would be a megabyte more.
        expect(text.length).toBeLessThan(1_500_000);
      } finally {
        await rm(directory, { recursive: true, force: true });
      }
    },
    120_000,
  );

  async function stateAfterCheck(directory: string, file: string): Promise<UpdateState> {
    // As if this were the mount of an AppImage, which never lies inside it.
    const env = { APPIMAGE: '/var/tmp/Notes.AppImage', APPDIR: tmpdir() };
    const test = await startTestApp({ main: { directory, file }, update: world.path('update'), env });
    try {
      return await test.app.evaluate(async () => updater.check());
    } finally {
      await test.close();
    }
  }
});
