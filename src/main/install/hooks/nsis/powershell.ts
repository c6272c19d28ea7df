import { win32 } from 'node:path';

import { omitUndefined } from '../../../../shared/omit-undefined.ts';
import type { AppFacts, Spawn, SpawnResult } from '../../../ports.ts';

/** The absolute path of Windows PowerShell, so that a program of that name elsewhere on PATH is never started. */
export function powershellPath({ env }: AppFacts): string {
  return win32.join(
    env['SystemRoot'] ?? String.raw`C:\Windows`,
    String.raw`System32\WindowsPowerShell\v1.0\powershell.exe`,
  );
}

/**
 * Runs a constant script. Values are passed as environment variables and never become part of the script, so that no
 * file name can become code. `PSModulePath` is empty, so that PowerShell loads no modules of the user.
 */
export async function runScript(
  spawn: Spawn,
  facts: AppFacts,
  script: string,
  values: Readonly<Record<string, string>>,
  signal?: AbortSignal,
): Promise<SpawnResult> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(facts.env)) {
    if (value !== undefined && name.toLowerCase() !== 'psmodulepath') env[name] = value;
  }
  return spawn.run(
    powershellPath(facts),
    ['-NoProfile', '-NonInteractive', '-InputFormat', 'None', '-Command', script],
    {
      env: { ...env, PSModulePath: '', ...values },
      ...omitUndefined({ signal }),
    },
  );
}
