// @module-tag slow
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type Kind, layOut, nextStart, openInstallation, stageRelease } from './rig.ts';

/** Number of random moments for each kind. FAULT_RUNS sets another number. */
const runs = Number(process.env['FAULT_RUNS'] ?? 200);
const workers = 4;
const childFile = join(import.meta.dirname, 'install-child.ts');

describe.each<Kind>(['appimage', 'portable'])('kill -9 while %s installs', (kind) => {
  let directory: string;
  let template: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'kill-'));
    template = join(directory, 'template');
    await layOut(template, kind);
  });
  afterAll(async () => rm(directory, { recursive: true, force: true }));

  /** Stages 1.1.0 in a new home. A child process installs it, and `kill` ends that process. */
  async function killed(killAt: number, kill: (child: ReturnType<typeof spawn>) => Promise<void>): Promise<Killed> {
    const home = await mkdtemp(join(directory, 'home-'));
    await cp(template, home, { recursive: true, verbatimSymlinks: true });
    await stageRelease(await openInstallation({ home, kind, version: '1.0.0' }), kind);
    const child = spawn(process.execPath, [childFile, home, kind, 'Notes', String(killAt)], {
      env: { ...process.env, NODE_COMPILE_CACHE: join(directory, 'cache') },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const output = text(child.stdout);
    const ended = once(child, 'close');
    await once(child.stdout, 'data');
    const begun = performance.now();
    await kill(child);
    const [code, signal] = (await ended) as [number | null, string | null];
    const took = performance.now() - begun;
    const calls = Number(/calls (\d+)/.exec(await output)?.[1] ?? 0);
    const next = await nextStart({ home, kind });
    await rm(home, { recursive: true, force: true });
    return { ...next, ended: signal ?? `${code}`, calls, took };
  }

  it('at every call that changes the disk leaves a working app and no other files', async () => {
    const whole = await killed(0, () => Promise.resolve());
    expect(whole).toMatchObject({ version: '1.1.0', recovery: 'installed', ended: '0', left: [] });
    const found = await each(whole.calls, (index) => killed(index + 1, () => Promise.resolve()));
    expect(found.filter(({ left, ended }) => left.length > 0 || ended !== 'SIGKILL')).toEqual([]);
    expect(new Set(found.map(({ version }) => version))).toEqual(new Set(['1.0.0', '1.1.0']));
    console.info(`${kind}: ${found.length} steps, ${count(found)}`);
  }, 240_000);

  it(`at ${runs} random moments: a working app, and nothing left`, async () => {
    const whole = await killed(0, () => Promise.resolve());
    const found = await each(runs, () =>
      killed(0, async (child) => {
        await delay(Math.random() * whole.took);
        child.kill('SIGKILL');
      }),
    );
    expect(found.filter(({ left }) => left.length > 0)).toEqual([]);
    expect(found.filter(({ version }) => !['1.0.0', '1.1.0'].includes(version))).toEqual([]);
    console.info(`${kind}: ${found.length} moments, ${count(found)}`);
  }, 600_000);
});

interface Killed {
  readonly version: string;
  readonly recovery: string;
  readonly left: readonly string[];
  readonly ended: string;
  readonly calls: number;
  /** Milliseconds from the beginning of the install to the end of the process. */
  readonly took: number;
}

async function each<T>(total: number, run: (index: number) => Promise<T>): Promise<readonly T[]> {
  const found: T[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < total) {
      const index = next;
      next += 1;
      found.push(await run(index));
    }
  };
  await Promise.all(Array.from({ length: workers }, worker));
  return found;
}

function count(found: readonly Killed[]): string {
  const kinds = Map.groupBy(
    found,
    ({ recovery, version, ended }) => `${ended === 'SIGKILL' ? 'killed' : 'done'}, ${recovery}, ${version}`,
  );
  return [...kinds].map(([name, { length }]) => `${name}: ${length}`).join('; ');
}
