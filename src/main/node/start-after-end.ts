import { spawn } from 'node:child_process';
import { once } from 'node:events';

/**
 * Starts a `/bin/sh` script in its own session, which outlives this process. The script's standard input ends when this
 * process ends, however it ends, because this process holds the only other end of the pipe.
 */
export type StartAfterEnd = (
  script: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
) => Promise<void>;

/** Resolves once the shell runs. Rejects if there is no shell. */
export const startAfterEnd: StartAfterEnd = async (script, args, env) => {
  const child = spawn('/bin/sh', ['-c', script, 'sh', ...args], {
    env: { ...env },
    shell: false,
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  await once(child, 'spawn');
  child.unref();
};
