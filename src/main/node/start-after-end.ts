import { spawn } from 'node:child_process';
import { once } from 'node:events';

/**
 * Starts a script of `/bin/sh` in a session of its own, which outlives this process. What it reads from its input ends
 * when this process does, however it does: the other end of that pipe is here and nowhere else.
 */
export type StartAfterEnd = (
  script: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
) => Promise<void>;

/** Resolves once the shell runs. Rejects when there is none. */
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
