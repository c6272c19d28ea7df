import { spawn } from 'node:child_process';
import { once } from 'node:events';

import type { Command } from './package-manager.ts';

/** All that a package manager is told of the world around it. */
export const cleanEnvironment: Readonly<Record<string, string>> = {
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
 * Runs a package manager to its end, in a process group of its own: whoever closes the terminal or ends the app does not
 * interrupt it.
 */
export async function runCommand({ file, args }: Command): Promise<CommandResult> {
  const child = spawn(file, args, {
    cwd: '/',
    env: { ...cleanEnvironment },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString('utf8')).slice(-outputCharacters);
    });
  }
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output };
}
