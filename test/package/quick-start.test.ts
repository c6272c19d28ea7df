// @module-tag slow
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, copyFile, mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { _electron } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { homeEnvironment } from '../../scripts/demo/installed-app.ts';
import { endProcessesOf } from '../../scripts/demo/processes.ts';
import { asAppUser, giveToAppUser } from '../../scripts/electron/app-user.ts';
import { openDisplay } from '../../scripts/electron/display.ts';
import { applyShims } from '../../scripts/electron/shims.ts';
import { writeAppImageTools } from '../../scripts/packaging/appimage-tools.ts';
import { electron, windows } from '../support/electron.ts';
import { freePort } from '../support/free-port.ts';
import { requires } from '../support/requires.ts';

const root = resolve(import.meta.dirname, '../..');
const exec = promisify(execFile);

/**
 * docs/quick-start.md, word for word, in a directory outside of this project, with the package as npm would publish it.
 * What differs: dependencies come from this project instead of the registry, Electron is the one of the tests with its
 * shims, ports are free ones, the token is copied from what serve shows, and questions are answered beforehand.
 */
describe('the quick start', requires(windows, 'mksquashfs', 'unsquashfs'), () => {
  let directory: string;
  let project: string;
  let steps: ReadonlyMap<string, string>;
  let server: ChildProcess | undefined;
  let token: string | undefined;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'quick-start-'));
    project = join(directory, 'notes');
    const page = await readFile(join(root, 'docs/quick-start.md'), 'utf8');
    const blocks = page.matchAll(/^```\w+ ([\w.-]+)\n([^]*?)^```$/gm);
    steps = new Map([...blocks].map(([, name = '', text = '']) => [name, text]));
    await mkdir(project);
  });
  afterEach(async () => {
    server?.kill();
    await endProcessesOf(directory);
    await rm(directory, { recursive: true, force: true });
  });

  const step = (name: string): string => {
    const text = steps.get(name);
    if (text === undefined) throw new Error(`docs/quick-start.md has no step "${name}".`);
    return text;
  };
  const env = (): NodeJS.ProcessEnv => ({
    ...homeEnvironment(join(directory, 'home')),
    PATH: [resolve(process.execPath, '..'), process.env['PATH']].join(delimiter),
    ELECTRON_TUF_PASSPHRASE: 'correct horse battery staple',
    ...(token === undefined ? {} : { ELECTRON_TUF_TOKEN: token }),
    APPIMAGE_TOOLS_PATH: join(directory, 'tools'),
  });
  /** Its output: what went wrong is in it. */
  const run = async (script: string): Promise<string> => {
    const { stdout } = await exec('sh', ['-exc', `exec 2>&1; ${script}`], { cwd: project, env: env() }).catch(
      ({ stdout }: { readonly stdout: string }) => Promise.reject(new Error(stdout.slice(-4000))),
    );
    return stdout;
  };

  /** The package as npm would publish it, among what this project has installed. */
  async function install(): Promise<void> {
    const modules = join(project, 'node_modules');
    const copy = async (...flags: readonly string[]): Promise<unknown> =>
      exec('cp', [...flags, join(root, 'node_modules'), modules]);
    // Links cost nothing; between file systems there are none.
    await copy('-al').catch(async () => rm(modules, { recursive: true, force: true }).then(async () => copy('-a')));
    await exec('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', directory], { cwd: root });
    const archive = (await readdir(directory)).find((name) => name.endsWith('.tgz')) ?? '';
    await exec('tar', ['-xzf', join(directory, archive), '-C', directory]);
    await rename(join(directory, 'package'), join(modules, 'electron-tuf-updater'));
    const cli = join(modules, 'electron-tuf-updater/dist/electron-tuf.mjs');
    await chmod(cli, 0o755);
    await symlink(cli, join(modules, '.bin/electron-tuf'));
    await applyShims(join(modules, 'electron-tuf-updater/dist'), electron().shims);
    const manifest = JSON.parse(await readFile(join(project, 'package.json'), 'utf8')) as object;
    const dependencies = { 'electron-tuf-updater': '*' };
    await writeFile(join(project, 'package.json'), JSON.stringify({ ...manifest, dependencies }));
  }

  async function serve(port: number): Promise<void> {
    const command = `exec ${step('serve').trim().replace('npx ', 'node_modules/.bin/')} --port ${port}`;
    server = spawn('sh', ['-c', command], { cwd: project, env: env(), stdio: ['ignore', 'pipe', 'ignore'] });
    const { stdout } = server;
    if (stdout === null) throw new Error('The repository says nothing.');
    for await (const line of createInterface(stdout)) {
      [, token] = /^ +--token +(\S+)$/.exec(line) ?? [];
      if (token !== undefined) break;
    }
    stdout.resume();
  }

  it('leads from an empty directory to an app that updates itself', async () => {
    const port = await freePort();
    await mkdir(join(directory, 'home/tmp'), { recursive: true });
    await writeAppImageTools(join(directory, 'tools'));
    const { directory: dist, version: electronVersion } = electron();
    await run(step('install').replaceAll(/^npm install.*$/gm, ''));
    await install();
    for (const name of ['main.mjs', 'index.html', 'page.js', 'electron-builder.yml']) {
      await writeFile(join(project, name), step(name));
    }
    await serve(port);
    const here = (text: string): string =>
      text
        .replaceAll(':8080/', `:${port}/`)
        .replace('publisher.pub.json', 'publisher.pub.json --yes')
        .replace('--publish never', `--publish never -c.electronVersion=${electronVersion} -c.electronDist=${dist}`);
    await run(here(step('keys')));
    const first = await run(here(step('release')));
    const executable = join(directory, 'home/Notes.AppImage');
    await copyFile(join(project, 'dist/notes-1.0.0.AppImage'), executable);
    await run('npm version minor --no-git-tag-version');
    const second = await run(here(step('release')));
    expect([first, second].map((text) => /(\d+) warnings?, (\d+) problems?/.exec(text)?.[2])).toEqual(['0', '0']);

    const home = join(directory, 'home');
    await giveToAppUser(home);
    await openDisplay();
    const app = await _electron.launch({
      executablePath: await asAppUser(executable, join(directory, 'as-app-user')),
      env: homeEnvironment(home),
      cwd: home,
      chromiumSandbox: true,
    });
    const window = await app.firstWindow();
    const shown = async (): Promise<readonly string[]> => window.locator('h1, #state').allInnerTexts();
    await expect.poll(shown).toEqual(['Notes 1.0.0', 'idle']);
    const labels: string[] = [];
    const label = async (): Promise<string> =>
      app.evaluate(({ Menu }) => Menu.getApplicationMenu()?.items[1]?.label ?? '');
    const click = async (): Promise<void> => {
      labels.push(await label());
      await app.evaluate(({ Menu }) => Menu.getApplicationMenu()?.items[1]?.click());
    };
    await click();
    await expect.poll(label).toBe('Download 1.1.0');
    await click();
    await expect.poll(label, { timeout: 20_000 }).toBe('Restart to Update');
    const stagedState = await shown();
    const ended = once(app.process(), 'exit');
    await click().catch(gone);
    await ended;
    expect({ labels, stagedState }).toEqual({
      labels: ['Check for Updates…', 'Download 1.1.0', 'Restart to Update'],
      stagedState: ['Notes 1.0.0', 'staged'],
    });
    const [installed, published] = await Promise.all(
      [executable, join(project, 'dist/notes-1.1.0.AppImage')].map(async (path) => readFile(path)),
    );
    expect(installed?.equals(published ?? Buffer.alloc(0))).toBe(true);
  }, 600_000);
});

/** The app ends while it is asked. */
function gone(error: unknown): void {
  if (!(error instanceof Error && /closed|crashed/i.test(error.message))) throw error;
}
