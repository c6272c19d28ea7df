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
  const ended = once(child, 'exit').then(() => true);
  while (killAt !== undefined && !(await exists(killAt))) {
    if (await Promise.race([ended, new Promise((resolve) => setImmediate(resolve, false))])) return;
  }
  if (killAt !== undefined) child.kill('SIGKILL');
  await ended;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
