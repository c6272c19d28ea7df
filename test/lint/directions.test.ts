import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { compositions, floors, modules } from '../../oxlint.config.ts';

const project = resolve(import.meta.dirname, '../..');

interface Diagnostic {
  readonly code: string;
  readonly filename: string;
}

/** A directory with a copy of the lint configuration and files that break its rules on purpose. */
let sandbox: string;
let diagnostics: readonly Diagnostic[];
const breaches = new Map<string, string>();
const legal: string[] = [];

beforeAll(async () => {
  sandbox = await mkdtemp(join(tmpdir(), 'lint-'));
  await symlink(join(project, 'node_modules'), join(sandbox, 'node_modules'));
  for (const file of ['oxlint.config.ts', 'package.json', 'tsconfig.json'])
    await cp(join(project, file), join(sandbox, file));

  for (const [module, allowed] of Object.entries(modules)) {
    for (const other of [...Object.keys(modules), ...compositions]) {
      if (other === module) continue;
      const file = isFile(module) ? `src/${module}.ts` : `src/${module}/deep/uses-${other.replaceAll('/', '-')}.ts`;
      if (isFile(module)) continue;
      await source(file, `import { thing } from '${specifier(file, other)}';\nexport const used: unknown = thing;\n`);
      if (allowed.includes(other)) legal.push(file);
      else breaches.set(file, 'no-restricted-imports');
    }
    if (module === 'preload' || isFile(module)) continue;
    const file = `src/${module}/uses-electron.ts`;
    await source(file, `import { app } from 'electron';\nexport const used: unknown = app;\n`);
    breaches.set(file, 'no-restricted-imports');
  }
  for (const [module, order] of Object.entries(floors)) {
    for (const [index, floor] of order.entries()) {
      for (const [other, name] of order.entries()) {
        if (other === index) continue;
        const file = `src/${module}/${floor}/deep/uses-${name.replaceAll('/', '-')}.ts`;
        const thing = `src/${module}/${name}/thing.ts`;
        await source(
          file,
          `import { thing } from '${relative(dirname(file), thing)}';\nexport const used: unknown = thing;\n`,
        );
        if (other < index) legal.push(file);
        else breaches.set(file, 'no-restricted-imports');
      }
    }
  }
  await breach(
    'src/main/electron/cycle-a.ts',
    'no-cycle',
    `import { b } from './cycle-b.ts';\nexport const a: unknown = b;\n`,
  );
  await breach(
    'src/main/electron/cycle-b.ts',
    'no-cycle',
    `import { a } from './cycle-a.ts';\nexport const b: unknown = a;\n`,
  );
  await breach(
    'src/main/electron/type-cycle-a.ts',
    'no-cycle',
    `import type { B } from './type-cycle-b.ts';\nexport interface A {\n  readonly b: B;\n}\n`,
  );
  await breach(
    'src/main/electron/type-cycle-b.ts',
    'no-cycle',
    `import type { A } from './type-cycle-a.ts';\nexport interface B {\n  readonly a?: A;\n}\n`,
  );
  await breach('src/main/electron/default.ts', 'no-default-export', `export default 1;\n`);
  await breach('src/main/electron/long.ts', 'max-lines', 'export {};\n'.repeat(401));
  await breach(
    'src/main/electron/long-function.ts',
    'max-lines-per-function',
    `export function long(): void {\n${'  JSON.parse("1");\n'.repeat(79)}}\n`,
  );
  const longest = `export function longest(): void {\n${'  JSON.parse("1");\n\n  // A comment.\n'.repeat(78)}}\n`;
  await source('src/main/electron/longest-function.ts', longest);
  await breach('src/main/electron/noisy.ts', 'no-console', `console.log('x');\n`);
  await breach('src/main/electron/silent.ts', 'no-empty', `try {\n  JSON.parse('');\n} catch {}\n`);
  await breach('src/main/electron/any.ts', 'no-explicit-any', `export const x: any = 1;\n`);
  diagnostics = await lint();
});

afterAll(async () => rm(sandbox, { recursive: true, force: true }));

describe('the lint rules', () => {
  it('refuse every import against the directions, and every other deliberate breach', () => {
    const missed = [...breaches].filter(([file, rule]) => !reported(file).some((code) => code.includes(rule)));
    expect(missed).toEqual([]);
  });

  it('count neither blank lines nor comments of a function', () => {
    const codes = reported('src/main/electron/longest-function.ts');
    expect(codes.filter((code) => code.includes('max-lines'))).toEqual([]);
  });

  it('allow every import along the directions', () => {
    const wrong = legal.filter((file) => reported(file).some((code) => code.includes('no-restricted-imports')));
    expect(wrong).toEqual([]);
    expect(legal.length).toBeGreaterThan(10);
  });
});

function isFile(module: string): boolean {
  return ['main/ports', 'main/options', 'main/client'].includes(module);
}

function reported(file: string): readonly string[] {
  return diagnostics.filter((one) => one.filename.endsWith(file)).map((one) => one.code);
}

function specifier(from: string, module: string): string {
  const folder = ['demo-app', 'test', 'bench', 'scripts'].includes(module) ? '' : 'src/';
  const target = /^main\/(ports|options|client|compose|index|headless)$/.test(module)
    ? `${folder}${module}.ts`
    : `${folder}${module}/thing.ts`;
  return relative(dirname(from), target);
}

async function breach(file: string, rule: string, text: string): Promise<void> {
  await source(file, text);
  breaches.set(file, rule);
}

async function source(file: string, text: string): Promise<void> {
  await mkdir(dirname(join(sandbox, file)), { recursive: true });
  await writeFile(join(sandbox, file), text);
}

async function lint(): Promise<readonly Diagnostic[]> {
  const output = await new Promise<string>((settle) => {
    execFile(
      process.execPath,
      [join(project, 'node_modules/oxlint/bin/oxlint'), '--format', 'json', 'src'],
      { cwd: sandbox, maxBuffer: 64 * 1024 * 1024 },
      (_error, stdout) => settle(stdout),
    );
  });
  return (JSON.parse(output) as { diagnostics: readonly Diagnostic[] }).diagnostics;
}
