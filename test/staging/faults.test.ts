// @module-tag slow
import { execFile, execFileSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { UpdateError } from '../../src/shared/errors.ts';
import { crashStates, finalState } from '../support/power-loss/crash-states.ts';
import { fingerprint, materialise } from '../support/power-loss/disk.ts';
import { recordDisk } from '../support/power-loss/record-disk.ts';
import { mounting, requires } from '../support/requires.ts';
import { downloaded, nextStart, openStaging, stage } from './rig.ts';

type Work = 'stage' | 'discard' | 'retire';
const works: readonly (readonly [Work, readonly string[]])[] = [
  // A downloaded file is never downloaded again, whatever happens.
  ['stage', ['downloaded', 'staged']],
  ['discard', ['staged', 'nothing']],
  ['retire', ['staged', 'nothing']],
];
const child = join(import.meta.dirname, 'staging-child.ts');
const run = promisify(execFile);

let home: string;
let updates: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'staging-'));
  updates = join(home, 'updates');
});
afterEach(async () => rm(home, { recursive: true, force: true }));

/** Either 1.1.0 replaces the staged 1.0.5, or the staged 1.1.0 is removed. */
async function prepare(directory: string, work: Work): Promise<void> {
  const staging = openStaging(directory);
  const before = work === 'stage' ? '1.0.5' : '1.1.0';
  await downloaded(staging, before);
  await stage(staging, before);
  if (work === 'stage') await downloaded(staging, '1.1.0');
}

async function doIt(directory: string, work: Work): Promise<void> {
  const staging = openStaging(directory);
  const staged = await staging.current();
  if (work === 'stage') await stage(staging, '1.1.0');
  else if (work === 'discard') await staging.discard();
  else if (staged !== undefined) await staging.retire(staged);
}

/** The files that should not be there. A retired artifact may be. */
const unexpected = (others: readonly string[]): readonly string[] =>
  others.filter((path) => path !== 'previous/1.1.0.AppImage');

describe.each(works)('%s', (work, expected) => {
  it('can be killed before each call that changes the disk: no update is lost, and no stray file stays', async () => {
    const template = join(home, 'template');
    await prepare(template, work);
    const killed = async (at: number) => {
      const directory = join(home, `${at}`);
      await cp(template, directory, { recursive: true });
      // The record contains absolute paths.
      const record = join(directory, 'staged/staged.json');
      await writeFile(record, (await readFile(record, 'utf8')).replaceAll(template, directory));
      const result = await run(process.execPath, [child, directory, work, `${at}`], {
        env: { ...process.env, NODE_COMPILE_CACHE: join(home, 'cache') },
      }).catch((error: unknown) => error as { readonly signal: string; readonly stdout: string });
      const signal = 'signal' in result ? result.signal : undefined;
      return { signal, calls: Number(/\d+/.exec(result.stdout)?.[0]), ...(await nextStart(directory, '1.1.0')) };
    };
    const { calls } = await killed(0);
    const found = await Promise.all(Array.from({ length: calls }, (_, index) => killed(index + 1)));
    expect(found.filter(({ signal }) => signal !== 'SIGKILL')).toEqual([]);
    expect(found.flatMap(({ others }) => unexpected(others))).toEqual([]);
    expect(new Set(found.map(({ has }) => has))).toEqual(new Set(expected));
    console.info(`${work}: ${calls} kills`);
  });

  it('survives a power loss at any moment: no update is lost, and no stray file stays', async () => {
    await prepare(updates, work);
    const { end, ...log } = await recordDisk(updates, () => doIt(updates, work));
    expect(fingerprint(finalState(log))).toBe(fingerprint(end));
    const found = [];
    for (const disk of crashStates(log)) {
      materialise(disk, updates);
      found.push(await nextStart(updates, '1.1.0'));
    }
    expect(found.flatMap(({ others }) => unexpected(others))).toEqual([]);
    expect(new Set(found.map(({ has }) => has))).toEqual(new Set(expected));
    console.info(`${work}: ${found.length} disks`);
  });
});

describe('on a full disk', requires(mounting), () => {
  const page = 4096;

  it('reports the full disk at each write, loses nothing, and continues once there is space', async () => {
    await mkdir(updates);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', updates]);
    try {
      const results: { readonly code: string; readonly has: string }[] = [];
      for (let free = 0; results.at(-1)?.code !== 'staged'; free += 1) {
        const staging = openStaging(updates);
        await staging.discard();
        await downloaded(staging, '1.1.0');
        await rm(join(updates, 'staged'), { recursive: true, force: true });
        await rm(join(updates, 'staging.lock'), { force: true });
        const rest = Number(execFileSync('stat', ['-f', '-c', '%a', updates], { encoding: 'utf8' })) - free;
        await writeFile(join(updates, 'filler'), Buffer.alloc(rest * page));
        const code = await stage(staging, '1.1.0').then(
          () => 'staged',
          (error: unknown) => (error instanceof UpdateError ? error.code : String(error)),
        );
        await rm(join(updates, 'filler'));
        results.push({ code, has: (await nextStart(updates, '1.1.0')).has });
      }
      expect(results.slice(0, -1).filter(({ code }) => code !== 'STAGE_DISK_FULL')).toEqual([]);
      expect(results.at(-1)).toEqual({ code: 'staged', has: 'staged' });
      expect(results.filter(({ has }) => has === 'nothing')).toEqual([]);
      expect(results.length).toBeGreaterThan(1);
      console.info(`full disk: ${results.length - 1} refusals`);
    } finally {
      execFileSync('umount', ['--lazy', updates]);
    }
  });
});
