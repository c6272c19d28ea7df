import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';

import type { Command } from './package-manager.ts';

/** The whole environment of a package manager. */
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
  /** The end of its output on both streams. */
  readonly output: string;
}

const outputCharacters = 16_384;

/**
 * Runs a package manager in its own process group and writes its output to a file. So it finishes even if the terminal, the
 * app or this process ends. A closed pipe would end it at its next output.
 * @param log absolute path in one of the helper's own directories
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
