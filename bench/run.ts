import { readdir, readFile } from 'node:fs/promises';
import { cpus, loadavg, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import type { Bench, BenchRow } from './frame.ts';

/**
 * `npm run bench -- <name> [--case <text>] [--json]`: runs `bench/<name>.ts`. With `--case`, `delta` and `trust` run
 * only the cases whose titles contain the text. With `--json`, the last line is the result as JSON.
 */
async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { json: { type: 'boolean' }, case: { type: 'string', default: '' } },
  });
  const names = await benchNames();
  const [name = ''] = positionals;
  if (!names.includes(name)) {
    console.error(
      `Which benchmark? npm run bench -- <name> [--case <text>] [--json], with one of: ${names.join(', ')}`,
    );
    return 2;
  }
  const { bench } = (await import(`./${name}.ts`)) as { readonly bench: Bench };
  console.log(`${name}: ${bench.about}\n${machine()}`);
  const rows = await bench.run({
    note: (line) => console.error(`  ${line}`),
    wants: (title) => title.includes(values.case),
  });
  if (rows.length === 0) {
    console.error(`No case of ${name} has a title with "${values.case}".`);
    return 2;
  }
  console.log(table(rows));
  if (bench.docs !== undefined) console.log(`${bench.docs(rows)}\n`);
  if (values.json === true) console.log(JSON.stringify({ bench: name, rows }));
  return 0;
}

/** The modules in this folder that export a benchmark. */
async function benchNames(): Promise<string[]> {
  const files = (await readdir(import.meta.dirname)).filter((file) => file.endsWith('.ts')).sort();
  const texts = await Promise.all(files.map((file) => readFile(join(import.meta.dirname, file), 'utf8')));
  return files
    .filter((_file, index) => /^export const bench\b/m.test(texts[index] ?? ''))
    .map((file) => file.slice(0, -3));
}

function machine(): string {
  const [cpu] = cpus();
  const load = loadavg()[0] ?? 0;
  return [
    `${cpus().length} × ${cpu?.model.trim() ?? 'unknown processor'}`,
    `${Math.round(totalmem() / 1024 ** 3)} GiB`,
    `${type()} ${release()}`,
    `Node ${process.version}`,
    `load ${load.toFixed(1)}`,
  ].join(' · ');
}

function table(rows: readonly BenchRow[]): string {
  const head = ['case', 'metric', 'ours', 'baseline', 'ratio'];
  const cells = rows.map((row) => [row.case, row.metric, String(row.ours), String(row.baseline), row.ratio.toFixed(2)]);
  const widths = head.map((title, column) =>
    Math.max(title.length, ...cells.map((line) => (line[column] ?? '').length)),
  );
  const format = (line: readonly string[]): string =>
    line
      .map((cell, column) => (column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ');
  return ['', format(head), ...cells.map(format), ''].join('\n');
}

process.exitCode = await main();
