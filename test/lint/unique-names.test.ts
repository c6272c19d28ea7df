import { globSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { expect, it } from 'vitest';

import { compositions, modules } from '../../oxlint.config.ts';

const project = resolve(import.meta.dirname, '../..');

/** Names that several files may export. Each has its reason. */
const sharedNames: Readonly<Record<string, string>> = {
  AppUpdater: "compat: the constructor that apps import, and the class behind it, have electron-updater's name",
  Logger: "compat: electron-updater's own type",
  systemClock: 'the embedded repository imports nothing of src/main',
  silentLogger: 'the embedded repository imports nothing of src/main',
  dialogs: 'one for each language',
  menu: 'one for each language',
};

/** File names that may occur more than once in a module. Each has its reason. */
const sharedFiles: Readonly<Record<string, string>> = {
  'index.ts': 'the public face of a folder',
  'hook.ts': 'the folder names the install hook',
  'rstuf.ts': 'doctor: gather/ collects the facts, the file of that name in checks/ judges them',
  'dialogs.ts': 'one for each language',
  'menu.ts': 'one for each language',
};

interface Source {
  readonly file: string;
  readonly text: string;
}

const sources: readonly Source[] = globSync('src/**/*.ts', { cwd: project })
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => !file.endsWith('.test.ts'))
  .map((file) => ({ file, text: readFileSync(join(project, file), 'utf8') }));

const declaration = /^export (?:abstract |async )*(?:function\*?|const|let|class|interface|type|enum) (\w+)/gm;

/** Returns each name that more than one file declares and exports, with those files. */
function repeatedExports(all: readonly Source[]): ReadonlyMap<string, readonly string[]> {
  return repeated(
    all.flatMap(({ file, text }) =>
      [...new Set([...text.matchAll(declaration)].map(([, name = '']) => name))].map((name) => [name, file] as const),
    ),
  );
}

/** Returns each file name that occurs more than once in a module, with those files. */
function repeatedFiles(all: readonly Source[]): ReadonlyMap<string, readonly string[]> {
  return repeated(all.map(({ file }) => [`${moduleOf(file)}: ${basename(file)}`, file] as const));
}

function repeated(pairs: readonly (readonly [name: string, file: string])[]): ReadonlyMap<string, readonly string[]> {
  const byName = Map.groupBy(pairs, ([name]) => name);
  return new Map(
    [...byName].filter(([, found]) => found.length > 1).map(([name, found]) => [name, found.map(([, file]) => file)]),
  );
}

function moduleOf(file: string): string {
  const candidates = [...Object.keys(modules), ...compositions].filter((module) => file.startsWith(`src/${module}/`));
  return candidates.toSorted((one, other) => other.length - one.length)[0] ?? '';
}

it('gives no name to two exports of different meaning', () => {
  const found = repeatedExports(sources);
  expect({
    unexplained: [...found].filter(([name]) => !(name in sharedNames)),
    explainedInVain: Object.keys(sharedNames).filter((name) => !found.has(name)),
  }).toEqual({ unexplained: [], explainedInVain: [] });
});

it('gives no name to two files of one module', () => {
  const found = repeatedFiles(sources);
  const names = new Set([...found.keys()].map((name) => name.replace(/^.*: /, '')));
  expect({
    unexplained: [...found].filter(([name]) => !(name.replace(/^.*: /, '') in sharedFiles)),
    explainedInVain: Object.keys(sharedFiles).filter((name) => !names.has(name)),
  }).toEqual({ unexplained: [], explainedInVain: [] });
});

it('finds what is repeated', () => {
  const all: readonly Source[] = [
    { file: 'src/publish/a/names.ts', text: 'export interface Wanted {}\nexport async function one() {}\n' },
    { file: 'src/publish/b/names.ts', text: 'export type Wanted = 1;\nfunction one() {}\n' },
    { file: 'src/shared/names.ts', text: "export type { Wanted } from './wanted.ts';\n" },
  ];
  const files = ['src/publish/a/names.ts', 'src/publish/b/names.ts'];
  expect({ exports: [...repeatedExports(all)], files: [...repeatedFiles(all)] }).toEqual({
    exports: [['Wanted', files]],
    files: [['publish: names.ts', files]],
  });
});
