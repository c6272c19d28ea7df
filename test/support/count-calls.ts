import promises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

export interface CallCounter {
  /** From now on calls count. */
  begin(): void;
  /** How many there were. */
  calls(): number;
}

/**
 * Counts the calls of `node:fs/promises` that change something, and kills this process (SIGKILL) before the given one; 0:
 * never. Call it before the modules that are meant are imported.
 */
export function countCalls(killAt: number): CallCounter {
  let calls = 0;
  let begun = false;
  for (const method of ['rename', 'link', 'symlink', 'rm', 'mkdir', 'open', 'writeFile'] as const) {
    const original = promises[method] as (...args: unknown[]) => unknown;
    Object.assign(promises, {
      [method]: (...args: unknown[]) => {
        if (begun) calls += 1;
        if (calls === killAt && begun) process.kill(process.pid, 'SIGKILL');
        return original(...args);
      },
    });
  }
  syncBuiltinESMExports();
  return {
    begin: () => {
      begun = true;
    },
    calls: () => calls,
  };
}
