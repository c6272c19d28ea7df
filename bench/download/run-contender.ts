import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { build } from 'tsdown';

import type { Measures } from '../frame.ts';
import type { Task } from './measure.ts';

const names = ['ours', 'plain', 'electron-updater', 'tuf-js'] as const;
export type ContenderName = (typeof names)[number];

/** Bundles each contender separately, as apps ship their code, so that the imports of one do not burden another. */
export async function buildContenders(directory: string): Promise<void> {
  for (const name of names) {
    await build({
      config: false,
      entry: { [name]: join(import.meta.dirname, 'contenders', `${name}.ts`) },
      outDir: directory,
      format: 'esm',
      platform: 'node',
      target: 'node24',
      dts: false,
      clean: false,
      logLevel: 'silent',
      deps: { alwaysBundle: [/./], neverBundle: ['electron'] },
    });
  }
}

/** One download in its own process. */
export async function runContender(directory: string, name: ContenderName, task: Task): Promise<Measures> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    join(directory, `${name}.mjs`),
    JSON.stringify(task),
  ]);
  await rm(task.to, { force: true });
  return JSON.parse(stdout) as Measures;
}

/** Neither hashes nor flushes, and so shows the speed of the network. */
export async function runCurl({ urls, to }: Task): Promise<Measures> {
  const before = performance.now();
  const curl = spawn('curl', ['--silent', '--fail', '--output', to, urls[0]], { stdio: 'inherit' });
  const [code] = (await once(curl, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`curl ended with ${code}.`);
  const measures = { 'time ms': performance.now() - before };
  await rm(to, { force: true });
  return measures;
}
