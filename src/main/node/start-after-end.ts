import { spawn, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';

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
  const nothing = openSync('/dev/null', 'r+');
  try {
    const child = spawn('/bin/sh', ['-c', script, 'sh', ...args], {
      env: { ...env },
      shell: false,
      stdio: stdioOver(inheritedFds(), nothing),
      detached: true,
    });
    await once(child, 'spawn');
    child.unref();
  } finally {
    closeSync(nothing);
  }
};

/**
 * The descriptors above 2 that a child process would inherit from this one. Node marks its own as close-on-exec. Chromium
 * does not mark all of its own, and the parent of this process may have left some open. With them, the next version would
 * hold this one's profile, keep its helper processes alive and its mount busy.
 */
function inheritedFds(): readonly number[] {
  let names: readonly string[];
  try {
    names = readdirSync('/proc/self/fdinfo');
  } catch {
    // Linux alone has /proc, and Linux alone installs this way.
    return [];
  }
  return names.map(Number).filter((fd) => fd > 2 && isInherited(fd));
}

function isInherited(fd: number): boolean {
  try {
    const flags = /^flags:\s*(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1'))?.[1];
    return (Number.parseInt(flags ?? '0', 8) & closeOnExec) === 0;
  } catch {
    // It was closed meanwhile, like the one through which the directory was read.
    return false;
  }
}

/** `O_CLOEXEC` in the octal flags of `/proc/PID/fdinfo`; the same on every architecture that Electron supports. */
const closeOnExec = 0o2_000_000;

/** The shell's own three. In place of each inherited one `/dev/null`: POSIX shell cannot close descriptors above 9. */
function stdioOver(inherited: readonly number[], nothing: number): StdioOptions {
  const stdio: (number | 'ignore' | 'pipe')[] = ['pipe', 'ignore', 'ignore'];
  for (let fd = stdio.length; fd <= Math.max(...inherited); fd += 1) stdio.push('ignore');
  for (const fd of inherited) stdio[fd] = nothing;
  return stdio;
}
