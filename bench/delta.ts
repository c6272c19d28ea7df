import { type ChildProcess, execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

import { startNginx } from '../test/support/nginx.ts';
import type { Task } from './delta/contender.ts';
import { image, type ImageName, recipesVersion } from './delta/images.ts';
import { pair } from './delta/repository.ts';
import { type Bench, type BenchReport, type BenchRow, compare, inTurn, type Measures } from './frame.ts';

interface Case {
  readonly title: string;
  readonly from: ImageName;
  readonly to: ImageName;
  readonly have: Task['have'];
  /** Measured runs of each contender. A short run varies more and so needs more of them. */
  readonly rounds: number;
}

const cases: readonly Case[] = [
  { title: 'one-line fix', from: 'base', to: 'one-line fix', have: 'image', rounds: 7 },
  { title: 'one library', from: 'base', to: 'library', have: 'image', rounds: 7 },
  { title: 'renamed files', from: 'base', to: 'renames', have: 'image', rounds: 7 },
  { title: 'runtime', from: 'old runtime', to: 'runtime', have: 'image', rounds: 3 },
  { title: 'unrelated app', from: 'base', to: 'unrelated', have: 'image', rounds: 3 },
  { title: 'one-line fix, installed tree only', from: 'base', to: 'one-line fix', have: 'tree', rounds: 3 },
  { title: 'first download', from: 'base', to: 'one-line fix', have: 'nothing', rounds: 3 },
];

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '..');
/** Inside node_modules, so that imports of packages resolve. */
const bundled = join(root, 'node_modules/.cache/bench-delta');

/** Bundled as apps ship it, because reading TypeScript would cost time and memory. */
async function bundleContender(): Promise<void> {
  const args = ['bench/delta/contender.ts', '--no-config', '--no-dts', '--platform', 'node', '--log-level', 'error'];
  await run(process.execPath, [join(root, 'node_modules/.bin/tsdown'), ...args, '--out-dir', bundled], { cwd: root });
}

/** 20 Mbit/s, 40 ms. */
const line = { bytesPerSecond: 2_500_000, roundTripMs: 40 };

export const bench: Bench = {
  about:
    'updates of a 153 MB app (51.7 MB compressed) over 20 Mbit/s, 40 ms from nginx: metadata, index and patch included, until the new file is verified and on disk',
  async run(report) {
    const cache = join(tmpdir(), `electron-tuf-bench-delta-${recipesVersion}`);
    await bundleContender();
    const rows: BenchRow[] = [];
    const wanted = cases.filter(({ title }) => report.wants(title));
    for (const one of wanted) rows.push(...(await runCase(cache, one, report)));
    return rows;
  },
};

async function runCase(cache: string, one: Case, report: BenchReport): Promise<readonly BenchRow[]> {
  const note = (text: string): void => report.note(text);
  const [from, to] = [await image(cache, one.from, note), await image(cache, one.to, note)];
  const published = await pair(cache, `${one.from} to ${one.to}`, from, to, note);
  const nginx = await startNginx(published.directory);
  const wire = await startLine(nginx.port);
  const work = join(cache, 'work');
  const contender = (name: Task['contender']): { name: string; run: () => Promise<Measures> } => ({
    name,
    async run() {
      await rm(work, { recursive: true, force: true });
      await mkdir(work, { recursive: true });
      await cp(published.home, join(work, 'home'), { recursive: true });
      await clearGround(join(cache, 'scratch'));
      await wire.take();
      const task: Task = {
        contender: name,
        pair: published,
        url: wire.url,
        oldFile: from.file,
        work,
        have: one.have,
        tree: from.unpacked,
      };
      const { stdout } = await run(process.execPath, [join(bundled, 'contender.mjs'), JSON.stringify(task)]);
      const { bytes } = await wire.take();
      await assertSame(join(work, 'new.AppImage'), name === 'ours' ? undefined : to.file);
      return { 'transferred kB': bytes / 1000, ...(JSON.parse(stdout.trim()) as Measures) };
    },
  });
  try {
    note(one.title);
    const all = [contender('ours'), contender('electron-updater')];
    return compare(one.title, await inTurn(all, report, { rounds: one.rounds, warmUps: 0 }));
  } finally {
    await wire.close();
    await nginx.close();
    await rm(work, { recursive: true, force: true });
  }
}

/**
 * Gives every contender the same start: nothing waits for the disk, and there is memory for what will be written. A
 * host takes free memory away from a virtual machine. The first process to use it again would pay about a second per
 * half gigabyte.
 */
async function clearGround(scratch: string): Promise<void> {
  await run('sync');
  const block = Buffer.alloc(4_000_000);
  const file = await open(scratch, 'w');
  // More than any contender writes.
  for (let written = 0; written < 400_000_000; written += block.length) await file.write(block);
  await file.close();
  await rm(scratch);
}

/** A contender that produced another file has failed. Ours verifies its result against the signed hash itself. */
async function assertSame(made: string, wanted: string | undefined): Promise<void> {
  const [one, other] = await Promise.all([readFile(made), wanted === undefined ? undefined : readFile(wanted)]);
  if (other !== undefined && !one.equals(other)) throw new Error(`${made} is not the new version.`);
}

interface Line {
  readonly url: string;
  /** The traffic since the last call. */
  take(): Promise<{ readonly bytes: number; readonly connections: number }>;
  close(): Promise<void>;
}

async function startLine(port: number): Promise<Line> {
  const script = join(import.meta.dirname, 'delta/line.ts');
  const child: ChildProcess = fork(script, [String(port), String(line.bytesPerSecond), String(line.roundTripMs)]);
  const answer = async <T>(): Promise<T> => ((await once(child, 'message')) as [T])[0];
  const own = await answer<{ readonly port: number }>();
  return {
    url: `http://127.0.0.1:${own.port}`,
    async take() {
      const taken = answer<{ readonly bytes: number; readonly connections: number }>();
      child.send('take');
      return taken;
    },
    async close() {
      const ended = once(child, 'exit');
      child.disconnect();
      await ended;
    },
  };
}
