import { readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { release } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

import { configureApp, startApp } from './electron/app.ts';

/**
 * As `electron [switches] PATH [arguments]`: PATH is a directory with a package.json, or a main file. Or, after
 * `--stand-in-for=EXECUTABLE`, as the executable of a packaged app, which lies in `resources/app` beside it.
 */
const [first = '', ...others] = process.argv.slice(2);
const packaged = /^--stand-in-for=(.*)$/.exec(first)?.[1];
const switches = packaged === undefined ? [first, ...others] : others;
const executable = packaged ?? join(import.meta.dirname, 'electron.sh');
const resources = resolve(executable, '../resources');
const path =
  packaged === undefined
    ? resolve(switches.find((argument) => !argument.startsWith('-')) ?? '.')
    : join(resources, 'app');
const isDirectory = statSync(path).isDirectory();
const description = isDirectory ? (JSON.parse(readFileSync(join(path, 'package.json'), 'utf8')) as Description) : {};
const main = isDirectory
  ? createRequire(join(path, 'package.json')).resolve(`./${description.main ?? 'index.js'}`)
  : path;

interface Description {
  readonly name?: string;
  readonly productName?: string;
  readonly version?: string;
  readonly main?: string;
}

process.argv = [executable, ...switches];
process.execPath = executable;
Object.assign(process, {
  type: 'browser',
  resourcesPath: resources,
  getSystemVersion: release,
  ...(packaged === undefined ? { defaultApp: true } : {}),
});

configureApp({
  name: description.productName ?? description.name ?? 'Electron',
  version: description.version ?? '0.0.0',
  path: isDirectory ? path : resolve(path, '..'),
  devToolsPort: switches.find((argument) => argument.startsWith('--remote-debugging-port='))?.split('=')[1],
  isPackaged: packaged !== undefined,
});
await import(pathToFileURL(main).href);
await startApp();
