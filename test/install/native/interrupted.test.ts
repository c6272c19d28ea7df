// @module-tag slow
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { rootStateDirectory } from '../../../src/shared/native-package.ts';
import { mounting, requires, root } from '../../support/requires.ts';
import { attempt } from './attempt.ts';
import { programsOf } from './packages.ts';
import { turnMs } from './turns.ts';
import { createNativeWorld, type NativeWorld, nobody, placeRuntime } from './world.ts';

const run = promisify(execFile);
const rounds = 8;

describe('an interrupted dpkg', requires(root, ...programsOf.deb), () => {
  let runtime: Awaited<ReturnType<typeof placeRuntime>>;
  let world: NativeWorld;

  beforeAll(async () => {
    runtime = await placeRuntime();
    world = await createNativeWorld('deb', runtime.path);
  }, turnMs);
  afterAll(async () => {
    await world?.close();
    await runtime?.remove();
  });

  it('is completed by the next attempt', async () => {
    const marker = join(world.directory, 'killed');
    // The package's script kills dpkg, its parent process, once.
    const afterInstall = `[ -e '${marker}' ] || { touch '${marker}'; kill -9 $PPID; }`;
    await world.release('1.1.0', { afterInstall });
    const { handOver } = await world.stage('1.1.0');
    const first = await attempt(world, [handOver]);
    const status = async (): Promise<string> =>
      (await run('dpkg-query', ['-W', '-f', '${db:Status-Status}', world.package])).stdout;
    const between = await status();
    const second = await attempt(world, [handOver]);
    expect({ first: first.code, between, second, after: await status() }).toEqual({
      first: 'INSTALL_FAILED',
      between: expect.stringMatching(/^(unpacked|half-configured)$/) as unknown,
      second: { code: 'installed', installed: '1.1.0' },
      after: 'installed',
    });
  });
});

describe('the root side', requires(root, ...programsOf.pacman, mounting, 'pgrep'), () => {
  let runtime: Awaited<ReturnType<typeof placeRuntime>>;
  let world: NativeWorld;

  beforeAll(async () => {
    runtime = await placeRuntime();
    world = await createNativeWorld('pacman', runtime.path);
  }, turnMs);
  afterAll(async () => {
    await world?.close();
    await runtime?.remove();
  });

  it('installs nothing if there is no space for its own copy', async () => {
    await world.release('1.0.1');
    const { handOver } = await world.stage('1.0.1');
    const state = join(rootStateDirectory, world.app);
    await mkdir(state, { recursive: true });
    await run('mount', ['-t', 'tmpfs', '-o', 'size=64k,mode=755', 'tmpfs', state]);
    try {
      expect(await attempt(world, [handOver])).toEqual({ code: 'INSTALL_DISK_FULL', installed: '1.0.0' });
    } finally {
      await run('umount', [state]);
    }
    expect(await attempt(world, [handOver])).toEqual({ code: 'installed', installed: '1.0.1' });
  });

  it(`killed at ${rounds} moments: the old or the new version is installed, and the next try installs`, async () => {
    const outcomes: string[] = [];
    await world.release('1.1.0');
    const { handOver: whole } = await world.stage('1.1.0');
    const began = performance.now();
    await attempt(world, [whole]);
    const duration = performance.now() - began;
    for (let round = 0; round < rounds; round += 1) {
      const [before, next] = [`1.${round + 1}.0`, `1.${round + 2}.0`];
      await world.release(next);
      const { handOver } = await world.stage(next);
      const env = { PATH: '/usr/bin:/bin', PKEXEC_UID: `${nobody}` };
      // The launcher replaces itself with the helper, so both are one process.
      const helper = spawn(world.launcher, [handOver], { env, stdio: 'ignore' });
      const killed = setTimeout(() => helper.kill('SIGKILL'), (duration * round) / rounds);
      await once(helper, 'close');
      clearTimeout(killed);
      await vi.waitFor(managerHasEnded, { timeout: 30_000 });
      const { manager, files } = await world.installed();
      const after = manager === files && (files === before || files === next) ? 'whole' : `${manager}, ${files}`;
      const again = await attempt(world, [handOver]);
      outcomes.push(`${after}, then ${again.code} ${again.installed === next}`);
    }
    expect(outcomes).toEqual(Array.from({ length: rounds }, () => 'whole, then installed true'));
  });

  /** A package manager that was started runs to its end. Its command line contains the path of root's copy. */
  async function managerHasEnded(): Promise<void> {
    const { code } = await run('pgrep', ['-f', join(rootStateDirectory, world.app)]).then(
      () => ({ code: 0 }),
      (error: unknown) => error as { code: number },
    );
    if (code !== 1) throw new Error('pacman still runs');
  }
});
