import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';

import type { Command } from './package-manager.ts';

/** All that a package manager is told of the world around it. */
const cleanEnvironment: Readonly<Record<string, string>> = {
  PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/root',
  LANG: 'C.UTF-8',
  LC_ALL: 'C.UTF-8',
  DEBIAN_FRONTEND: 'noninteractive',
  ZYPP_LOCK_TIMEOUT: '120',
};

export interface CommandResult {
  readonly code: number | null;
  /** The end of what it wrote to both streams. */
  readonly output: string;
}

const outputCharacters = 16_384;

/**
 * Runs a package manager to its end, in a process group of its own and with a file for its output: whoever closes the
 * terminal, ends the app or kills this process does not interrupt it. A pipe would: its next word would be its last.
 * @param log absolute path in a directory of root's own
 */
export async function runCommand({ file, args }: Command, log: string): Promise<CommandResult> {
  const descriptor = openSync(log, 'w+', 0o600);
  try {
    const child = spawn(file, args, {
      cwd: '/',
      env: { ...cleanEnvironment },
      stdio: ['ignore', descriptor, descriptor],
      detached: true,
    });
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, output: readFileSync(log, 'utf8').slice(-outputCharacters) };
  } finally {
    closeSync(descriptor);
  }
}
