import { readdir, readFile } from 'node:fs/promises';

import { run } from '../packaging/run.ts';

/**
 * Kills every process that was started from below `directory`, and resolves when none is left. An updated app is
 * started detached, by a process that ends, so its parents and groups do not identify it. Its command line does,
 * because it contains the install path. A fork has its parent's command line until it execs.
 */
export async function endProcessesOf(directory: string): Promise<void> {
  for (;;) {
    const found = await processesOf(directory);
    if (found.length === 0) return;
    for (const pid of found) kill(pid);
    await new Promise(setImmediate);
  }
}

/** The ids of the processes whose command line contains `directory`. */
export async function processesOf(directory: string): Promise<readonly number[]> {
  const lines = process.platform === 'linux' ? await commandLinesFromProc() : await commandLinesFromPs();
  return lines.filter(([pid, line]) => pid !== process.pid && line.includes(directory)).map(([pid]) => pid);
}

type CommandLine = readonly [pid: number, line: string];

async function commandLinesFromProc(): Promise<readonly CommandLine[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  return Promise.all(
    pids.map(async (pid): Promise<CommandLine> => {
      const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => 'ended meanwhile');
      return [Number(pid), line];
    }),
  );
}

async function commandLinesFromPs(): Promise<readonly CommandLine[]> {
  const lines = (await run('ps', ['-axww', '-o', 'pid=,command='])).split('\n');
  return lines.map((line): CommandLine => [Number.parseInt(line, 10), line]);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
