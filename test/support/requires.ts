import { accessSync, constants } from 'node:fs';
import { delimiter, resolve } from 'node:path';

/**
 * Are these programs (names, or absolute paths) installed? For `describe.skipIf(!requires('nginx'))`: on a person's machine the tests are skipped
 * and the reason is printed; with CI=true their absence is an error.
 */
export function requires(...programs: readonly string[]): boolean {
  const missing = programs.filter((program) => !isInstalled(program));
  if (missing.length === 0) return true;
  const reason = `${missing.join(', ')} not installed`;
  if (process.env['CI'] === 'true') throw new Error(`CI must have every program that the tests need: ${reason}.`);
  console.warn(`skipped: ${reason}`);
  return false;
}

function isInstalled(program: string): boolean {
  return [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'].some((directory) => {
    try {
      accessSync(resolve(directory, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Is this root? The same rule: a person's tests are skipped, continuous integration must run as root. */
export function requiresRoot(): boolean {
  if (process.geteuid?.() === 0) return true;
  if (process.env['CI'] === 'true')
    throw new Error('CI must run as root: real packages are installed, small disks mounted.');
  console.warn('skipped: not root');
  return false;
}
