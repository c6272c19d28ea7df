import { readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

import { configureApp } from './electron/app.ts';

/** As `electron [switches] PATH [arguments]`: PATH is a directory with a package.json, or a main file. */
const switches = process.argv.slice(2);
const path = resolve(switches.find((argument) => !argument.startsWith('-')) ?? '.');
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

const executable = join(import.meta.dirname, 'electron.sh');
process.argv = [executable, ...switches];
process.execPath = executable;
Object.assign(process, { type: 'browser', resourcesPath: join(import.meta.dirname, 'resources'), defaultApp: true });

await configureApp({
  name: description.productName ?? description.name ?? 'Electron',
  version: description.version ?? '0.0.0',
  path: isDirectory ? path : resolve(path, '..'),
  devToolsPort: switches.find((argument) => argument.startsWith('--remote-debugging-port='))?.split('=')[1],
});
await import(pathToFileURL(main).href);
