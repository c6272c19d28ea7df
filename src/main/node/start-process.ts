import { spawn } from 'node:child_process';
import { once } from 'node:events';

import type { Launch } from '../ports.ts';

/** How a process ended. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A process that outlives this one, and is watched as long as this one lives. */
interface StartedProcess {
  readonly pid: number;
  readonly ended: Promise<ProcessEnd>;
  /** Ends it with everything that it started in its own process group. */
  kill(): void;
  /** It no longer keeps this process alive. */
  leave(): void;
}

/** Starts a process in a session of its own. Rejects when it can not be started at all. */
export type StartProcess = (launch: Launch) => Promise<StartedProcess>;

export const startProcess: StartProcess = async ({ execPath, args, env }) => {
  const child = spawn(execPath, args, { env: { ...env }, shell: false, stdio: 'ignore', detached: true });
  const ended = once(child, 'exit').then(([code, signal]): ProcessEnd => ({ code, signal }));
  // `once` rejects on 'error' too: a file that can not be executed.
  const spawned = once(child, 'spawn');
  await Promise.race([spawned, ended]);
  const pid = child.pid ?? 0;
  return {
    pid,
    ended,
    kill() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      if (process.platform === 'win32') child.kill('SIGKILL');
      else process.kill(-pid, 'SIGKILL');
    },
    leave: () => child.unref(),
  };
};
