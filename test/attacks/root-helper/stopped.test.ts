// @module-tag slow
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { parseHandOverResult, rootStateDirectory } from '../../../src/shared/native-package.ts';
import { attempt } from '../../install/native/attempt.ts';
import { programsOf } from '../../install/native/packages.ts';
import { turnMs } from '../../install/native/turns.ts';
import { createNativeWorld, type NativeWorld, nobody, placeRuntime } from '../../install/native/world.ts';
import { requires, root } from '../../support/requires.ts';

/** The user stops root's program with Ctrl-Z, which the terminal sends to it whoever it belongs to, and goes on later. */
describe('a root helper that is stopped', requires(root, ...programsOf.pacman, 'strace'), () => {
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

  it('before it has the lock: what was installed meanwhile is not replaced by what is older', async () => {
    await world.release('1.1.0');
    await world.release('1.2.0');
    const [older, newer] = [await world.stage('1.1.0'), await world.stage('1.2.0')];
    const lock = join(rootStateDirectory, world.app, 'lock');
    const stopping = ['-P', lock, '-e', 'trace=openat', '-e', 'inject=openat:signal=SIGSTOP:when=1'];
    const strace = spawn('strace', ['-f', '-qq', '-o', '/dev/null', ...stopping, world.launcher, older.handOver], {
      env: { PATH: '/usr/bin:/bin', PKEXEC_UID: `${nobody}` },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [output, ended] = [text(strace.stdout), once(strace, 'close')];
    const helper = await vi.waitFor(async () => stoppedChildOf(strace), { timeout: 20_000 });
    const handlesStops = await handlesTerminalStops(helper);
    const meanwhile = await attempt(world, [newer.handOver]);
    // strace stops each thread once.
    const going = setInterval(() => continueProcess(helper), 50);
    await ended.finally(() => clearInterval(going));
    const resumed = parseHandOverResult(await output);
    expect({ handlesStops, meanwhile, resumed, after: await world.installed() }).toEqual({
      handlesStops: true,
      meanwhile: { code: 'installed', installed: '1.2.0' },
      resumed: expect.objectContaining({ ok: false, code: 'INSTALL_DOWNGRADE' }) as unknown,
      after: { manager: '1.2.0', files: '1.2.0' },
    });
  });
});

/** The process below strace that has stopped for good: strace itself stops it for a moment at each call. */
async function stoppedChildOf({ pid }: ChildProcess): Promise<number> {
  const [child = 0] = (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim().split(' ').map(Number);
  for (let look = 0; look < 20; look += 1) {
    if (!/^State:\s+t/im.test(await readFile(`/proc/${child}/status`, 'utf8'))) throw new Error('it goes on');
    await delay(20);
  }
  return child;
}

/** Does the process handle what a terminal sends to stop it? Then it is not stopped (proc(5), `SigCgt`). */
async function handlesTerminalStops(pid: number): Promise<boolean> {
  const [, mask = '0'] = /^SigCgt:\s+([0-9a-f]+)$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8')) ?? [];
  const { SIGTSTP, SIGTTIN, SIGTTOU } = constants.signals;
  return [SIGTSTP, SIGTTIN, SIGTTOU].every((signal) => (BigInt(`0x${mask}`) >> BigInt(signal - 1)) & 1n);
}

/** A process that has ended meanwhile is no error. */
function continueProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGCONT');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
