// @module-tag slow
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const tsc = join(root, 'node_modules/.bin/tsc');

/** The built package's types, as the compiler of an app meets them. */
describe('types of the package', () => {
  let app: string;
  beforeEach(async () => {
    app = await mkdtemp(join(tmpdir(), 'typed-app-'));
    const modules = join(app, 'node_modules');
    await mkdir(join(modules, '@types'), { recursive: true });
    await symlink(root, join(modules, 'electron-tuf-updater'));
    await symlink(
      dirname(fileURLToPath(import.meta.resolve('electron-log/package.json'))),
      join(modules, 'electron-log'),
    );
    for (const name of ['electron', '@types/node'])
      await symlink(join(root, 'node_modules', name), join(modules, name));
  });
  afterEach(async () => rm(app, { recursive: true, force: true }));

  const compile = async (files: Readonly<Record<string, string>>, options: object = {}): Promise<string> => {
    for (const [name, text] of Object.entries(files)) await writeFile(join(app, name), text);
    const usual = { strict: true, noEmit: true, target: 'esnext', module: 'esnext', moduleResolution: 'bundler' };
    const compilerOptions = { ...usual, types: [], ...options };
    await writeFile(join(app, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: Object.keys(files) }));
    return promisify(execFile)(tsc, ['-p', app], { cwd: app }).then(
      ({ stdout }) => stdout,
      ({ stdout }: { readonly stdout: string }) => stdout,
    );
  };

  const page = `
    export async function check(): Promise<string> {
      const answer = await window.updates.check();
      if (!answer.ok) return answer.error.message;
      return answer.state.type === 'available' ? answer.state.release.version : answer.state.type;
    }
    // @ts-expect-error There is no such call.
    window.updates.forge();
  `;

  it('declare window.updates to pages that import them, and to pages whose configuration names them', async () => {
    const lib = { lib: ['dom', 'esnext'] };
    expect([
      await compile({ 'page.ts': `import type {} from 'electron-tuf-updater/page';${page}` }, lib),
      await compile({ 'page.ts': page }, { ...lib, types: ['electron-tuf-updater/page'] }),
      await compile({ 'page.ts': page }, lib),
    ]).toEqual(['', '', expect.stringContaining("Property 'updates' does not exist on type 'Window")]);
  });

  it("work with a framework's store, and with another name of the API", async () => {
    const text = `
      import { createUpdateStore, type UpdatesApi, type UpdateState } from 'electron-tuf-updater/page';
      declare global { interface Window { readonly notes: UpdatesApi } }
      declare function useSyncExternalStore<T>(subscribe: (changed: () => void) => () => void, get: () => T): T;
      const store = createUpdateStore(window.notes);
      export const state: UpdateState = useSyncExternalStore(store.subscribe, store.getSnapshot);
    `;
    expect(await compile({ 'page.ts': text }, { lib: ['dom', 'esnext'] })).toBe('');
  });

  it.each([
    ['esnext', 'bundler', ['main.ts']],
    ['nodenext', 'nodenext', ['main.mts', 'main.cts']],
  ])('compiles the main process, the preload and the hook as %s by %s', async (module, moduleResolution, names) => {
    const text = `
      import { app, Menu } from 'electron';
      import log from 'electron-log';
      import { createUpdater, exposeUpdater, updateMenuItem, type UpdaterOptions } from 'electron-tuf-updater/main';
      import { exposeUpdates } from 'electron-tuf-updater/preload';
      import updaters, { type AppUpdater, autoUpdater, NsisUpdater } from 'electron-tuf-updater/compat';
      import { embedUpdates } from 'electron-tuf-updater/builder';
      const options: UpdaterOptions = { logger: log, automatic: true };
      const updater = createUpdater(options);
      exposeUpdater(updater, { channels: ['stable', 'beta'] });
      void app.whenReady().then(() => Menu.setApplicationMenu(Menu.buildFromTemplate([updateMenuItem(updater)])));
      exposeUpdates();
      autoUpdater.logger = log;
      export const same: AppUpdater[] = [autoUpdater, updaters.autoUpdater, new NsisUpdater({ provider: 'generic' })];
      autoUpdater.on('update-downloaded', ({ version }) => void version.toUpperCase());
      export const afterPack = embedUpdates({ update: 'update' });
      // @ts-expect-error A misspelt option.
      createUpdater({ automatik: true });
    `;
    const files = Object.fromEntries(names.map((name) => [name, text]));
    expect(await compile(files, { module, moduleResolution, types: ['node'] })).toBe('');
  });
});
