import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access } from 'node:fs/promises';

/**
 * Runs a program to its end, without input.
 * @param killAt it is killed as soon as this file is there
 */
export async function startProgram(
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  killAt?: string,
): Promise<void> {
  const child = spawn(file, args, { env: { ...env }, stdio: 'ignore' });
  const ended = once(child, 'exit');
  if (killAt !== undefined) {
    const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
    while (!hasEnded() && !(await exists(killAt))) await new Promise(setImmediate);
    child.kill('SIGKILL');
  }
  await ended;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
